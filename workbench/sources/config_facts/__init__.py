"""Facts of configuration files: the options that they declare, a segment for each option."""

from __future__ import annotations

from workbench.sources.config_facts.reading import extract_options

__all__ = ["extract_options"]

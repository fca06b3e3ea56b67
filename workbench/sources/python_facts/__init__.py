"""Facts of Python source: what each version of a file says, parsed once per distinct segment."""

from __future__ import annotations

from workbench.sources.python_facts.extract import extract
from workbench.sources.python_facts.modules import module_of
from workbench.sources.python_facts.reading import EXTRACTOR

__all__ = ["EXTRACTOR", "extract", "module_of"]

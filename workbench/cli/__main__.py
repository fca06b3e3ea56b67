"""``python -m workbench.cli``: the same as ``workbench``."""

from __future__ import annotations

from workbench.cli import main

main()

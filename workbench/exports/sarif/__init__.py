"""SARIF 2.1.0: one log of findings for code scanning, within its limits."""

from __future__ import annotations

from workbench.exports.sarif.limits import Limits
from workbench.exports.sarif.log import Revision, sarif_log

__all__ = ["Limits", "Revision", "sarif_log"]

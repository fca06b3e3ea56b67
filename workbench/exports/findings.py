"""Findings as our JSON document: rows in one order, commit-derived text redacted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from workbench.exports.documents import Document, document, sorted_rows

Finding = dict[str, Any]
Findings = Sequence[Mapping[str, object]] | pl.DataFrame
ORDER = ("sha", "path", "line", "pattern", "downstream")
WHERE = ("sha", "path", "line", "pattern", "downstream", "side", "where", "stage")
OURS = ("kind", "severity", "verdict", "from", "to", "outcome", "direction", "also", "guard")
VERBATIM = frozenset((*WHERE, *OURS, "upstream_sha"))
"""Keys whose values are ours or identify a row: never redacted, so that rows can be joined."""
LATER = ("outcome", "verified", "why_not", "scale_card", "review", "fix", "issue_draft")
"""What the later phases find out: null where they did not run."""
SITE_ORDER = ("downstream", "path", "line", "target", "expression")


def findings_document(
    findings: Sequence[Finding], *, examined: Iterable[str], funnel: Mapping[str, int]
) -> Document:
    """Return the ``workbench.findings`` document of prepared findings."""
    body = {
        "examined": [{"sha": sha} for sha in sorted(set(examined))],
        "findings": list(findings),
        "funnel": dict(funnel),
    }
    return document("workbench.findings", body)


def prepared(findings: Findings) -> tuple[list[Finding], int]:
    """Findings in export order with secrets taken out.

    Returns
    -------
    list of dict
        The findings; ``review`` and ``fix`` are null where nobody gave them.
    int
        How many of their texts held a secret.
    """
    from workbench.text.redact import redact

    changed = 0

    def clean(key: str, value: object) -> object:
        nonlocal changed
        if isinstance(value, Mapping):
            return {k: clean(k, v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [clean(key, v) for v in value]
        if not isinstance(value, str) or key in VERBATIM:
            return value
        said = redact(value)
        changed += said != value
        return said

    rows = findings.to_dicts() if isinstance(findings, pl.DataFrame) else findings
    made = [_finding({k: clean(k, v) for k, v in row.items()}) for row in rows]
    return sorted_rows(made, by=ORDER), changed


def _finding(row: Mapping[str, Any]) -> Finding:
    finding: Finding = {**dict.fromkeys(LATER), **row}
    if isinstance(sites := finding.get("call_sites"), list):
        finding["call_sites"] = sorted_rows(sites, by=SITE_ORDER)
    return finding

"""Findings as SARIF results: where, how it gets there, and what makes it the same one tomorrow."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from workbench.domain.history import Severity
from workbench.exports.findings import Finding
from workbench.exports.sarif.limits import Cuts, Limits
from workbench.exports.sarif.rules import LEVELS, rank

UPSTREAM = "UPSTREAM"
LINKED_SITES = 5
KEPT = (
    *("sha", "kind", "downstream", "severity", "stage", "names", "side"),
    *("also", "outcome", "verified", "why_not", "scale_card", "review"),
    *("fix", "issue_draft"),
)


def results(
    findings: Sequence[Finding], rule_index: Mapping[str, int], *, cuts: Cuts, limits: Limits
) -> list[dict[str, Any]]:
    """Return one result per finding, in the order given."""
    prints = fingerprints(findings)
    return [
        _result(finding, rule_index[finding["pattern"]], fingerprint, cuts, limits)
        for finding, fingerprint in zip(findings, prints, strict=True)
    ]


def fingerprints(findings: Sequence[Finding]) -> list[str]:
    """Digests that stay the same in every run over the same commit.

    Lines are left out, so that an edited detector which points one line further keeps its alert;
    findings that differ in nothing else are counted up in line order.
    """
    keys = [_identity(finding) for finding in findings]
    order = sorted(range(len(findings)), key=lambda i: (keys[i], findings[i]["line"]))
    seen: Counter[str] = Counter()
    made = [""] * len(findings)
    for i in order:
        seen[keys[i]] += 1
        made[i] = f"{keys[i]}:{seen[keys[i]]}"
    return made


def base_id(downstream: str | None) -> str:
    """The name of the root that a path is relative to."""
    return UPSTREAM if downstream is None else f"DOWNSTREAM/{downstream}"


def _identity(finding: Finding) -> str:
    parts = [finding[k] for k in ("pattern", "sha", "path", "kind", "downstream")]
    text = json.dumps([*parts, finding.get("qualname"), sorted(finding["names"])])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _result(
    finding: Finding, rule_index: int, fingerprint: str, cuts: Cuts, limits: Limits
) -> dict[str, Any]:
    severity = Severity(finding["severity"])
    sites = cuts.first(finding["call_sites"], limits.locations - 1, "call sites of results")
    steps = cuts.first(finding["trace"], limits.flow_locations, "steps of traces")
    made: dict[str, Any] = {
        "ruleId": finding["pattern"],
        "ruleIndex": rule_index,
        "level": LEVELS[severity],
        "rank": rank(severity),
        "message": {"text": _message(finding, sites)},
        "locations": [_upstream_location(finding)],
        "partialFingerprints": {
            "primaryLocationLineHash": fingerprint,
            "workbenchFinding/v1": fingerprint,
        },
        "properties": {k: finding[k] for k in KEPT if finding.get(k) is not None},
    }
    if sites:
        made["relatedLocations"] = [_call_site(n, site) for n, site in enumerate(sites, start=1)]
    if steps:
        flow = {"locations": [_step(finding, step) for step in steps]}
        made["codeFlows"] = [{"threadFlows": [flow]}]
    return made


def _message(finding: Finding, sites: Sequence[Mapping[str, Any]]) -> str:
    said = finding.get("message") or f"{finding['pattern']} in {finding['path']}."
    links = [
        f"[{_plain(site['downstream'])}: {_plain(site['path'])}:{site['line']}]({n})"
        for n, site in enumerate(sites[:LINKED_SITES], start=1)
    ]
    more = len(finding["call_sites"]) - len(links)
    reach = f" Used by {', '.join(links)}" if links else ""
    reach += f" and {more:,} more" if more and links else ""
    return f"{_plain(said)}{reach}." if reach else _plain(said)


def _plain(text: str) -> str:
    """Text in which no bracket can be taken for an embedded link (SARIF 2.1.0, 3.11.6)."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _upstream_location(finding: Finding) -> dict[str, Any]:
    made = _location(finding["path"], finding["line"], None)
    if qualname := finding.get("qualname"):
        made["logicalLocations"] = [{"fullyQualifiedName": qualname}]
    return made


def _call_site(number: int, site: Mapping[str, Any]) -> dict[str, Any]:
    made = _location(site["path"], site["line"], site["downstream"])
    message = {"text": _plain(site["expression"] or site["target"])}
    return {"id": number, **made, "message": message}


def _step(finding: Finding, step: Mapping[str, Any]) -> dict[str, Any]:
    whose = finding["downstream"] if step["where"] == "downstream" else None
    made = _location(step["path"], step["line"], whose)
    made["message"] = {"text": _plain(f"{step['relation']}: {step['text']}")}
    return {"location": made, "importance": "essential"}


def _location(path: str, line: int, downstream: str | None) -> dict[str, Any]:
    uri = quote(path.encode("utf-8", "surrogateescape"))
    artifact = {"uri": uri, "uriBaseId": base_id(downstream)}
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": line}}}

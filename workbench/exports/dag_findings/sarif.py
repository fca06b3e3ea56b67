"""Findings in DAG files as a SARIF log for code scanning, with each patch as a fix."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from workbench.domain.dag_rules import DagFinding, DagRule
from workbench.domain.history import Severity
from workbench.exports.documents import Document, check
from workbench.exports.losses import Loss
from workbench.exports.sarif.limits import Cuts, Limits
from workbench.exports.sarif.log import SCHEMA, fit
from workbench.exports.sarif.rules import LEVELS, PROBLEM_SEVERITIES, rank

ROOT = "SRCROOT"
HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")


def dag_sarif(
    rules: Sequence[DagRule], findings: Sequence[DagFinding], *, limits: Limits | None = None
) -> tuple[Document, tuple[Loss, ...]]:
    """Return a SARIF 2.1.0 log with one run, worst first, and what it could not carry."""
    limits = limits or Limits()
    cuts = Cuts()
    ordered = sorted(findings, key=lambda f: (-f.severity.rank, f.path, f.line, f.code, f.message))
    kept = cuts.first(ordered, limits.results, "results")
    index = {rule.id: at for at, rule in enumerate(rules)}
    current = version("incident-workbench")
    driver = {
        "name": "workbench",
        "version": current,
        "semanticVersion": current,
        "rules": [_rule(rule, cuts, limits) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "workbench/dags/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            ROOT: {"description": {"text": "The folder that the check was started in."}}
        },
        "results": _results(kept, index),
    }
    log: Document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    cuts.counts["results beyond the size of one upload"] += fit(log, limits.gzip_bytes)
    check(log, schema="sarif")
    return log, tuple(cuts.losses())


def _rule(rule: DagRule, cuts: Cuts, limits: Limits) -> dict[str, Any]:
    def short(text: str) -> dict[str, str]:
        cut = cuts.short(text.strip(), limits.text_characters, "ends of long rule texts")
        return {"text": cut}

    level = LEVELS[rule.severity]
    sections = [rule.describe.strip(), rule.why.strip(), rule.advice.strip()]
    sections += [f"Before Airflow 3.3: {rule.below.strip()}"]
    return {
        "id": rule.id,
        "name": "".join(word[:1].upper() + word[1:] for word in rule.id.split("-")[1:]),
        "shortDescription": short(rule.title),
        "fullDescription": short(rule.describe),
        "help": {"text": "\n\n".join(sections), "markdown": "\n\n".join(sections)},
        "defaultConfiguration": {"level": level, "rank": rank(rule.severity)},
        "properties": {
            "tags": ["airflow", "dag", "state"],
            "precision": "high",
            "problem.severity": PROBLEM_SEVERITIES[level],
            "severity": rule.severity.value,
            "version": rule.version,
            "code": rule.code,
        },
    }


def _results(findings: Sequence[DagFinding], index: dict[str, int]) -> list[dict[str, Any]]:
    seen: Counter[str] = Counter()
    made = []
    for finding in findings:
        # without lines, so that an alert stays the same when code moves
        parts = [finding.rule, _shown(finding.path), finding.task, finding.key]
        told = hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]
        seen[told] += 1
        made.append(_result(finding, index[finding.rule], f"{told}:{seen[told]}"))
    return made


def _result(finding: DagFinding, at: int, fingerprint: str) -> dict[str, Any]:
    severity = Severity(finding.severity)
    kept = {
        "severity": severity.value,
        "code": finding.code,
        "primitive": finding.primitive.value if finding.primitive else None,
        "task": finding.task,
        "key": finding.key,
        "why": finding.why,
        "advice": finding.advice,
    }
    made: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": at,
        "level": LEVELS[severity],
        "rank": rank(severity),
        "message": {"text": _plain(f"{finding.message} {finding.why} {finding.advice}")},
        "locations": [_location(finding.path, finding.line, "")],
        "partialFingerprints": {
            "primaryLocationLineHash": fingerprint,
            "workbenchFinding/v1": fingerprint,
        },
        "properties": {name: value for name, value in kept.items() if value is not None},
    }
    related = [
        _location(finding.path, line, what)
        for line, what in ((finding.read_line, "the read"), (finding.write_line, "the write"))
        if line
    ]
    if related:
        made["relatedLocations"] = related
    if finding.fix:
        made["fixes"] = [_fix(finding)]
    return made


def _fix(finding: DagFinding) -> dict[str, Any]:
    """The patch as replacements of whole lines."""
    replacements: list[dict[str, Any]] = []
    for line in (finding.fix or "").splitlines(keepends=True)[2:]:
        hunk = HUNK.match(line)
        if hunk:
            start, count = int(hunk[1]), int(hunk[2] or 1)
            region = {
                "startLine": start,
                "startColumn": 1,
                "endLine": start + count,
                "endColumn": 1,
            }
            replacements.append({"deletedRegion": region, "insertedContent": {"text": ""}})
        elif line[0] in " +":
            replacements[-1]["insertedContent"]["text"] += line[1:]
    artifact = {"uri": _uri(finding.path), "uriBaseId": ROOT}
    change = {"artifactLocation": artifact, "replacements": replacements}
    return {"description": {"text": _plain(finding.advice)}, "artifactChanges": [change]}


def _location(path: str, line: int, message: str) -> dict[str, Any]:
    artifact = {"uri": _uri(path), "uriBaseId": ROOT}
    made: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": artifact, "region": {"startLine": line}}
    }
    return made | ({"message": {"text": message}} if message else {})


def _uri(path: str) -> str:
    return quote(_shown(path).encode("utf-8", "surrogateescape"))


def _shown(path: str) -> str:
    """A path from where the check was started, if it lies below, else without its root."""
    relative = os.path.relpath(path)
    return Path(path).as_posix().lstrip("/") if relative.startswith("..") else relative


def _plain(text: str) -> str:
    """Text in which no bracket can be taken for an embedded link (SARIF 2.1.0, 3.11.6)."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")

"""The SARIF log: rules, results, roots of paths, and the list of what it cannot say."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from workbench.domain.history import Severity
from workbench.domain.patterns import Pattern
from workbench.exports.documents import Document, canonical_bytes, check
from workbench.exports.findings import Finding
from workbench.exports.losses import Loss
from workbench.exports.sarif.limits import OVER, Cuts, Limits
from workbench.exports.sarif.results import UPSTREAM, base_id, results
from workbench.exports.sarif.rules import rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A repository that was looked at, and the commit it stood at."""

    repository_uri: str
    revision_id: str
    branch: str | None = None


def sarif_log(
    patterns: Sequence[Pattern],
    findings: Sequence[Finding],
    *,
    revisions: Sequence[Revision] = (),
    limits: Limits | None = None,
) -> tuple[Document, tuple[Loss, ...]]:
    """Return a SARIF 2.1.0 log with one run, and what it could not carry.

    Parameters
    ----------
    patterns : sequence of Pattern
        Become the rules; every finding's pattern must be among them.
    findings : sequence of dict
        Prepared findings; without any the run has no results.
    revisions : sequence of Revision
        Where they are known: become the run's version control provenance.
    limits : Limits, optional
        Those of code scanning unless given; results are cut worst first.
    """
    limits = limits or Limits()
    cuts = Cuts()
    ordered = sorted(patterns, key=lambda p: p.id)
    rules = [
        rule(pattern, cuts=cuts, limits=limits)
        for pattern in cuts.first(ordered, limits.rules, "rules")
    ]
    index = {made["id"]: number for number, made in enumerate(rules)}
    told = [f for f in findings if f["pattern"] in index]
    cuts.counts["results"] += len(findings) - len(told)
    worst_first = sorted(told, key=lambda f: -Severity(f["severity"]).rank)
    kept = cuts.first(worst_first, limits.results, "results")
    log = _log(rules, results(kept, index, cuts=cuts, limits=limits), revisions)
    too_many = fit(log, limits.gzip_bytes)
    check(log, schema="sarif")
    losses = [*cuts.losses(), *_size_losses(too_many), *_format_losses(patterns, findings)]
    return log, tuple(losses)


def _log(
    rules: list[dict[str, Any]], made: list[dict[str, Any]], revisions: Sequence[Revision]
) -> Document:
    current = version("incident-workbench")
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "workbench",
                "version": current,
                "semanticVersion": current,
                "rules": rules,
            }
        },
        "automationDetails": {"id": "workbench/scan/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": _roots(made),
        "results": made,
    }
    if revisions:
        run["versionControlProvenance"] = [_provenance(r) for r in revisions]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _roots(made: Sequence[dict[str, Any]]) -> dict[str, Any]:
    named = {base_id(None): "The upstream repository at the commit in properties.sha."}
    for result in made:
        for site in result.get("relatedLocations", ()):
            root = site["physicalLocation"]["artifactLocation"]["uriBaseId"]
            named[root] = f"The downstream repository {root.partition('/')[2]}."
        downstream = result["properties"].get("downstream")
        if downstream is not None:
            named[base_id(downstream)] = f"The downstream repository {downstream}."
    return {root: {"description": {"text": text}} for root, text in sorted(named.items())}


def _provenance(revision: Revision) -> dict[str, Any]:
    made: dict[str, Any] = {
        "repositoryUri": revision.repository_uri,
        "revisionId": revision.revision_id,
        "mappedTo": {"uriBaseId": UPSTREAM},
    }
    return made | ({"branch": revision.branch} if revision.branch else {})


def fit(log: Document, most: int) -> int:
    """Cut results from the end until the packed log is small enough; return how many went."""
    made: list[dict[str, Any]] = log["runs"][0]["results"]
    before = len(made)
    while made and len(data := canonical_bytes(log)) > most:
        size = len(gzip.compress(data, mtime=0))
        if size <= most:
            break
        del made[min(int(len(made) * 0.95 * most / size), len(made) - 1) :]
    return before - len(made)


def _size_losses(count: int) -> list[Loss]:
    what = "results beyond the size of one upload"
    return [Loss(format="sarif", what=what, count=count, why=OVER)] if count else []


def _format_losses(patterns: Sequence[Pattern], findings: Sequence[Finding]) -> list[Loss]:
    between = (Severity.MEDIUM_HIGH, Severity.CRITICAL)
    examples = sum(len(p.examples) for p in patterns)
    told = [
        (
            "severities that share a level with a milder one",
            sum(f["severity"] in between for f in findings),
            "SARIF has three levels; rank and properties.severity keep the five apart",
        ),
        (
            "fixes as patches",
            sum(f["fix"] is not None for f in findings),
            "a SARIF fix replaces lines; ours is a sentence, kept in properties.fix",
        ),
        (
            "lines counted in the version before the change",
            sum(f.get("side") == "before" for f in findings),
            "a SARIF region has no version; properties.side says which it is",
        ),
        ("detectors", len(patterns), "a SARIF rule says what it finds, not how"),
        ("examples of patterns", examples, "a SARIF rule has no examples"),
    ]
    return [Loss(format="sarif", what=w, count=n, why=y) for w, n, y in told if n]

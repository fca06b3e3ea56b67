"""The verb ``export``: patterns, findings and DAG rules as files for other tools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from workbench.domain.patterns import Pattern
from workbench.errors import ExportError, UnknownNameError
from workbench.exports.documents import canonical_bytes, write_bytes
from workbench.exports.findings import Finding, Findings, findings_document, prepared
from workbench.exports.losses import ExportResult, Loss
from workbench.exports.patterns import patterns_document
from workbench.exports.sarif import Revision, sarif_log
from workbench.exports.skill.bundle import SkillSource, skill_files, skill_losses

Format = Literal["json", "sarif", "skill"]
FORMATS: tuple[Format, ...] = ("json", "sarif", "skill")


def export(
    *,
    patterns: Sequence[Pattern],
    findings: Findings,
    to: Path | str,
    funnel: Mapping[str, int] | None = None,
    examined: Iterable[str] = (),
    revisions: Sequence[Revision] = (),
    skill: SkillSource | None = None,
    formats: Iterable[str] | None = None,
) -> ExportResult:
    """Write patterns and findings in each format; the same input gives the same bytes.

    Everything is checked before the first file is written, so a fault leaves none behind.

    Parameters
    ----------
    patterns : sequence of Pattern
        The library; every finding's pattern must be in it.
    findings : sequence of mapping, or polars.DataFrame
        As a scan gives them. Texts that come from commits are redacted here.
    to : Path or str
        Folder; made when it is missing.
    funnel : mapping, optional
        Counts after each step of the scan.
    examined : iterable of str
        Commits that the detectors looked at.
    revisions : sequence of Revision
        The repositories looked at, for SARIF's version control provenance.
    skill : SkillSource, optional
        The DAG rules and the reference that a skill for coding agents is made of.
    formats : iterable of str, optional
        ``json`` (``findings.json``, ``patterns.json``), ``sarif`` (``findings.sarif``) and
        ``skill`` (``airflow-state-store/SKILL.md`` with its pages); unless given, all that there
        is something for.

    Raises
    ------
    ExportError
        A document would not be valid; all its faults are listed. Or a skill is asked for without
        what it is made of.
    UnknownNameError
        A format that does not exist.
    """
    wanted = tuple(dict.fromkeys(formats if formats is not None else FORMATS))
    if unknown := sorted(set(wanted) - set(FORMATS)):
        raise UnknownNameError(
            f"No such export format: {', '.join(unknown)}.",
            right=f"There are: {', '.join(FORMATS)}.",
        )
    rows, secrets = prepared(findings)
    ours = {
        "findings.json": findings_document(rows, examined=examined, funnel=funnel or {}),
        "patterns.json": patterns_document(patterns),
    }
    _known_patterns(patterns, rows)
    documents: dict[str, object] = dict(ours) if "json" in wanted else {}
    losses: list[Loss] = []
    if "sarif" in wanted:
        documents["findings.sarif"], lost = sarif_log(patterns, rows, revisions=revisions)
        losses += [*lost, *_funnel_loss(funnel or {})]
    losses += [_redacted(name, secrets) for name in wanted if secrets and name != "skill"]
    contents = {name: canonical_bytes(made) for name, made in sorted(documents.items())}
    if "skill" in wanted and (skill is not None or formats is not None):
        source = _there(skill)
        contents |= skill_files(source)
        losses += skill_losses(source)
    files = [write_bytes(data, Path(to) / name) for name, data in contents.items()]
    return ExportResult(files=tuple(sorted(files)), losses=tuple(losses))


def _there(skill: SkillSource | None) -> SkillSource:
    if skill is None:
        raise ExportError(
            "A skill is made of DAG rules, and there are none.",
            todo="Give a folder of patterns that holds dag-rules/.",
        )
    return skill


def _known_patterns(patterns: Sequence[Pattern], rows: Sequence[Finding]) -> None:
    known = {p.id for p in patterns}
    if missing := sorted({str(row.get("pattern")) for row in rows} - known):
        raise ExportError(
            f"Findings name patterns that are not exported with them: {', '.join(missing)}.",
            right=f"Known: {', '.join(sorted(known)) or 'none'}.",
            todo="Export the whole catalogue, drafts included.",
        )


def _funnel_loss(funnel: Mapping[str, int]) -> list[Loss]:
    why = "a SARIF run has no place for counts of what was looked at"
    return (
        [Loss(format="sarif", what="steps of the funnel", count=len(funnel), why=why)]
        if funnel
        else []
    )


def _redacted(name: str, count: int) -> Loss:
    why = "a secret stays where it was read; here it is <secret:kind>"
    return Loss(format=name, what="texts that held a secret", count=count, why=why)

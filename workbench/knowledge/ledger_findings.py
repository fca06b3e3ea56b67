"""Verified findings and what became of them: ``ledger/findings.jsonl``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from workbench.errors import UnknownNameError, WorkbenchError
from workbench.knowledge.ledger import HASH, Row, append, content_hash, read
from workbench.text.redact import redact
from workbench.text.suggestions import suggestion

FINDINGS = "ledger/findings.jsonl"
OUTCOMES = {
    "patched": "We changed our own code.",
    "upstreamed": "Upstream took a change of ours.",
    "waived": "Nobody has to do anything about it.",
    "graduated": "Upstream has a guard of its own against it by now.",
}
KEY = ("sha", "pattern", "downstream")
# What a finding says; another content is another line.
JUDGED = (*KEY, "pattern_version", "severity", "kind", "path", "line", "names")
LINK = re.compile(r"https?://\S+")


def append_findings(
    folder: Path,
    findings: Iterable[Mapping[str, object]],
    *,
    who: str,
    when: date,
    versions: Mapping[str, int],
) -> int:
    """Append the verified ones of some findings that do not stand there yet.

    Parameters
    ----------
    folder : pathlib.Path
        The catalogue's folder.
    findings : iterable of mapping
        Rows of the exported findings document; only those with ``verified`` true are kept.
    who : str
        Who says so: a reviewer, or the command that verified it.
    when : datetime.date
        The day that the report is about.
    versions : mapping
        Pattern id -> version that hit.

    Returns
    -------
    int
        How many lines were appended.
    """
    lines = [
        _line(finding, who=who, when=when, version=versions.get(str(finding["pattern"])))
        for finding in findings
        if finding.get("verified") is True
    ]

    def new(there: Sequence[Row]) -> list[Row]:
        known = {row.get(HASH) for row in there}
        return [made for made in lines if made[HASH] not in known]

    return len(append(folder, FINDINGS, rows=new)) if lines else 0


def append_outcome(
    folder: Path,
    *,
    sha: str,
    outcome: str,
    link: str,
    who: str,
    when: date,
    why: str = "",
    pattern: str | None = None,
    downstream: str | None = None,
) -> Row:
    """Append what became of a finding: patched, upstreamed, waived or graduated, with a link.

    Parameters
    ----------
    folder : pathlib.Path
        The catalogue's folder.
    sha : str
        The finding's commit, or a unique beginning of it.
    outcome, link, who, when, why
        The verdict, where it can be read up, whose it is, of which day, and the reason.
    pattern, downstream : str, optional
        Needed when the commit has several findings; a pattern may be a beginning of its id.

    Returns
    -------
    dict
        The line as it was appended, its link and reason without secrets. The same word once more
        is not appended: then it is the line as it stands there.

    Raises
    ------
    WorkbenchError
        The outcome is none, or the link is no link.
    UnknownNameError
        No finding in the ledger fits, or several do.
    """
    if outcome not in OUTCOMES:
        what = f"{outcome!r} is no outcome. {suggestion(outcome, OUTCOMES)}"
        raise WorkbenchError(what)
    if not LINK.fullmatch(link):
        what = f"{link!r} is no link."
        raise WorkbenchError(what, right="A link begins with https:// and has no spaces.")
    made: list[Row] = []
    told = {"link": redact(link), "why": redact(why)}

    def judged(there: Sequence[Row]) -> list[Row]:
        found = _one(standing(there), sha=sha, pattern=pattern, downstream=downstream)
        said = {"outcome": outcome, "who": who, "when": when.isoformat(), **told}
        keep = {name: found[name] for name in (*JUDGED, "verified") if name in found}
        # The day alone is no news: the same word of the same person stands already.
        again = all(found.get(name) == said[name] for name in said if name != "when")
        said |= {"when": found["when"]} if again else {}
        line = {**keep, **said, HASH: found.get(HASH)}
        made.append(line)
        return [] if again else [line]

    append(folder, FINDINGS, rows=judged)
    return made[0]


def read_findings(folder: Path) -> tuple[Row, ...]:
    """Return every finding of the ledger with the last word on it, oldest first."""
    return standing(read(folder / FINDINGS)[0])


def standing(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Fold lines into findings: a later line on the same finding says more than an earlier one.

    A line that verifies a finding once more does not take back what became of it.
    """
    found: dict[tuple[object, ...], Row] = {}
    for row in rows:
        key = tuple(row.get(name) for name in KEY)
        before = found.get(key, {})
        said = {name: value for name, value in row.items() if value is not None}
        found[key] = {**dict.fromkeys(row), **before, **said}
    return tuple(found.values())


def _line(finding: Mapping[str, object], *, who: str, when: date, version: int | None) -> Row:
    told = {**finding, "pattern_version": version}
    judged = {name: told.get(name) for name in JUDGED}
    return {
        **judged,
        "verified": True,
        "outcome": None,
        "link": None,
        "who": who,
        "when": when.isoformat(),
        "why": finding.get("message"),
        HASH: content_hash(judged),
    }


def _one(findings: Sequence[Row], *, sha: str, pattern: str | None, downstream: str | None) -> Row:
    fits = [
        row
        for row in findings
        if sha
        and str(row.get("sha", "")).startswith(sha)
        and (pattern is None or str(row.get("pattern", "")).startswith(pattern))
        and (downstream is None or row.get("downstream") == downstream)
    ]
    if len(fits) == 1:
        return fits[0]
    shown = [
        f"{row.get('sha')} {row.get('pattern')} {row.get('downstream') or 'everyone'}"
        for row in (fits or findings)[-5:]
    ]
    listed = f"The ledger holds: {'; '.join(shown)}." if shown else "The ledger holds none."
    if fits:
        what = f"{sha} has {len(fits)} findings."
        raise UnknownNameError(what, right=listed, todo="Name the pattern and the downstream.")
    what = f"No finding of {sha or 'no commit'} stands in {FINDINGS}."
    raise UnknownNameError(what, right=listed)

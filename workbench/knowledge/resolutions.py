"""What people did about failures, and did it hold: ``ledger/resolutions.jsonl``, append-only."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from workbench.domain.failure_memory import Verdict
from workbench.errors import UnknownNameError, WorkbenchError
from workbench.knowledge.ledger import HASH, Row, append, content_hash, read
from workbench.text.redact import redact
from workbench.text.suggestions import suggestion

RESOLUTIONS_FILE = "ledger/resolutions.jsonl"
SAY, UNDOES = "say", "undoes"
HELD, UNDONE = "held", "undone"
MUST_LINK, CANNOT_LINK = "must-link", "cannot-link"
SUGGESTED = ("suggested", "suggested_from", "similarity", "confidence", "scorer")
"""What was on the screen when the verdict was given; kept with it, so that gates can be judged."""


def failure_content(text: str) -> str:
    """Return the digest of what is judged: a failure's redacted text, whatever id it has."""
    return content_hash({"text": text})


def line_id(row: Mapping[str, object]) -> str:
    """Return the name by which a later line takes this one back."""
    return content_hash(row)


def append_verdict(
    folder: Path,
    *,
    failure_id: str,
    content: str,
    verdict: str,
    who: str,
    when: datetime,
    why: str = "",
    done: str | None = None,
    held: bool | None = None,
    suggested: Mapping[str, object] | None = None,
) -> Row:
    """Append what a person says of a failure, and answer the line.

    Parameters
    ----------
    folder : pathlib.Path
        The catalogue's folder.
    failure_id, content : str
        The failure, and :func:`failure_content` of its text.
    verdict : str
        resolved, approved, edited, rejected or novel.
    who, when, why : str, datetime.datetime, str
        Whose word it is, from which moment, for what reason.
    done : str, optional
        What was done; needed for resolved, approved and edited, and for no other.
    held : bool, optional
        Whether it held; leave it out while nobody knows.
    suggested : mapping, optional
        What was on the screen: ``suggested, suggested_from, similarity, confidence, scorer``.

    Raises
    ------
    WorkbenchError
        The verdict is none, or says too little or too much; nobody says it; the moment has no zone.
    """
    said = _verdict(verdict)
    told = (done or "").strip()
    if said.remembers and not told:
        what = f"A failure that is {said} needs what was done."
        raise WorkbenchError(what, right="For example: cleared the task after the disk was freed.")
    if not said.remembers and (told or held is not None):
        what = f"A failure that is {said} has nothing that was done, and nothing that held."
        raise WorkbenchError(what)
    row: dict[str, object] = {
        SAY: said.value,
        "failure": _named(failure_id, "failure"),
        "done": redact(told) or None,
        "held": held,
        **_shown(suggested or {}),
    }
    return _append(folder, row, who=who, when=when, why=why, content=content)


def append_held(
    folder: Path, *, failure_id: str, held: bool, who: str, when: datetime, why: str = ""
) -> Row:
    """Append whether what was done about a failure held.

    Raises
    ------
    UnknownNameError
        The ledger knows nothing that was done about that failure.
    """

    def judged(there: Sequence[Row]) -> dict[str, object]:
        for row in reversed(standing_lines(there)):
            if row.get("failure") == failure_id and row.get(SAY) in _REMEMBERED:
                return {SAY: HELD, "failure": failure_id, "held": held, HASH: row.get(HASH)}
        what = f"Nothing that was done about {failure_id} stands in the ledger."
        raise UnknownNameError(what, todo="Say first what was done.")

    return _append(folder, judged, who=who, when=when, why=why)


def append_pair(
    folder: Path,
    *,
    failures: tuple[str, str],
    contents: tuple[str, str],
    together: bool,
    who: str,
    when: datetime,
    why: str = "",
) -> Row:
    """Append that two failures are of one kind, or are not, whatever the machine says.

    Parameters
    ----------
    folder : pathlib.Path
        The catalogue's folder.
    failures, contents : tuple of str
        The two ids, and :func:`failure_content` of their texts in the same order.
    together : bool
        True merges them (must-link), false splits them (cannot-link).
    who, when, why : str, datetime.datetime, str
        Whose word it is, from which moment, for what reason.

    Raises
    ------
    WorkbenchError
        They are one failure, nobody says it, or the moment has no zone.
    """
    if failures[0] == failures[1]:
        raise WorkbenchError("A failure is always together with itself.", todo="Name two failures.")
    (one, its), (other, others) = sorted(zip(failures, contents, strict=True))
    row: dict[str, object] = {
        SAY: MUST_LINK if together else CANNOT_LINK,
        "failure": _named(one, "failure"),
        "other": _named(other, "failure"),
        "other_hash": others,
    }
    return _append(folder, row, who=who, when=when, why=why, content=its)


def append_undo(
    folder: Path, *, who: str, when: datetime, line: str | None = None, why: str = ""
) -> Row:
    """Append that a line is taken back: the named one, or the last one of that person.

    Raises
    ------
    UnknownNameError
        No such line stands; a line that was taken back already does not.
    """

    def judged(there: Sequence[Row]) -> dict[str, object]:
        for row in reversed(standing_lines(there)):
            if line_id(row) == line if line else row.get("who") == who:
                return {SAY: UNDONE, UNDOES: line_id(row), HASH: row.get(HASH)}
        what = f"No line {line} stands." if line else f"No line of {who} stands."
        raise UnknownNameError(what, todo="What was taken back already cannot be taken back again.")

    return _append(folder, judged, who=who, when=when, why=why)


def standing_lines(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return the lines that nobody took back, in their order."""
    standing: list[Row] = []
    for row in rows:
        if row.get(SAY) != UNDONE:
            standing.append(row)
            continue
        # of several lines that say the very same, the last one goes
        for place in reversed(range(len(standing))):
            if line_id(standing[place]) == row.get(UNDOES):
                del standing[place]
                break
    return tuple(standing)


def read_lines(folder: Path) -> tuple[Row, ...]:
    """Return the lines of the ledger that stand, oldest first."""
    return standing_lines(read(folder / RESOLUTIONS_FILE)[0])


def line_fault(row: Mapping[str, object]) -> str:
    """Say what is wrong with a line; nothing when it is sound."""
    say = row.get(SAY)
    if say not in _SAYINGS:
        return f"{SAY} is {say!r}. {suggestion(str(say), _SAYINGS)}"
    if not isinstance(row.get("who"), str) or not str(row.get("who")).strip():
        return "who is missing."
    try:
        if datetime.fromisoformat(str(row.get("when"))).tzinfo is None:
            return "when has no zone."
    except ValueError:
        return f"when is {row.get('when')!r}, no moment such as 2026-02-17T08:30:00Z."
    if say != UNDONE and not isinstance(row.get("failure"), str):
        return "failure is missing."
    if say in _REMEMBERED and not isinstance(row.get("done"), str):
        return "done is missing."
    if say in (MUST_LINK, CANNOT_LINK) and not isinstance(row.get("other"), str):
        return "other is missing."
    if not isinstance(row.get("held"), bool | None):
        return f"held is {row.get('held')!r}, not true, false or null."
    return ""


def _append(
    folder: Path,
    row: Mapping[str, object] | Callable[[Sequence[Row]], Mapping[str, object]],
    *,
    who: str,
    when: datetime,
    why: str,
    content: str | None = None,
) -> Row:
    if when.tzinfo is None:
        raise WorkbenchError(f"{when} has no zone.", right="A moment of the ledger is UTC.")
    moment = when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    told = {"who": redact(_named(who, "who")), "when": moment, "why": redact(why.strip()) or None}

    def made(there: Sequence[Row]) -> list[dict[str, object]]:
        said = dict(row(there)) if callable(row) else dict(row)
        judged = said.pop(HASH, content)
        return [{**said, **told, HASH: judged}]

    return append(folder, RESOLUTIONS_FILE, rows=made)[0]


def _verdict(name: str) -> Verdict:
    try:
        return Verdict(name)
    except ValueError:
        what = f"{name!r} is no verdict. {suggestion(name, [v.value for v in Verdict])}"
        raise WorkbenchError(what) from None


def _named(name: str, what: str) -> str:
    if not name.strip():
        raise WorkbenchError(f"{what} is empty.", right="It names whom or what the line is about.")
    return name.strip()


def _shown(suggested: Mapping[str, object]) -> dict[str, object]:
    unknown = sorted(set(suggested) - set(SUGGESTED))
    if unknown:
        raise WorkbenchError(f"{unknown[0]!r} is nothing that was suggested.")
    shown = {name: suggested.get(name) for name in SUGGESTED if suggested.get(name) is not None}
    for name in ("similarity", "confidence"):
        value = shown.get(name, 0.0)
        if not isinstance(value, int | float) or not math.isfinite(value):
            raise WorkbenchError(f"{name} is {value!r}, which is no number.")
    return {name: redact(v) if isinstance(v, str) else v for name, v in shown.items()}


_REMEMBERED = frozenset(v.value for v in Verdict if v.remembers)
_SAYINGS = (*(v.value for v in Verdict), HELD, UNDONE, MUST_LINK, CANNOT_LINK)

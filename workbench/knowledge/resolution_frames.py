"""The ledger of failures as frames: what stands of each failure, and who belongs together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from workbench.domain.failure_memory import PAIRS, RESOLUTIONS, Verdict
from workbench.domain.history import Rejection
from workbench.knowledge.ledger import HASH, Row, read
from workbench.knowledge.resolutions import (
    CANNOT_LINK,
    HELD,
    MUST_LINK,
    RESOLUTIONS_FILE,
    SAY,
    SUGGESTED,
    failure_content,
    line_fault,
    read_lines,
)


def resolutions(folder: Path, *, failures: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return the last standing verdict on each failure, as RESOLUTIONS declares, by failure.

    Parameters
    ----------
    folder : pathlib.Path
        The catalogue's folder.
    failures : polars.DataFrame, optional
        ``failure_id, text`` of what is loaded: a verdict on a text that was loaded under another
        id is told under that id.
    """
    return folded(read_lines(folder), failures=failures)


def history(folder: Path, failure_id: str | None = None) -> tuple[Row, ...]:
    """Return every sound line that stands, of one failure or of all, oldest first."""
    about = (row for row in read_lines(folder) if not line_fault(row))
    return tuple(row for row in about if failure_id in (None, row.get("failure"), row.get("other")))


def pairs(folder: Path) -> pl.DataFrame:
    """Return whom people merged and split, as PAIRS declares; of two words the last holds."""
    said: dict[tuple[str, str], bool] = {}
    for row in history(folder):
        if row[SAY] in (MUST_LINK, CANNOT_LINK):
            one, other = sorted((row["failure"], row["other"]))
            said[one, other] = row[SAY] == MUST_LINK
    return PAIRS.frame(
        [
            {"failure_id": one, "other_id": other, "must_link": together}
            for (one, other), together in sorted(said.items())
        ]
    )


def first_words(folder: Path) -> pl.DataFrame:
    """Return the first verdict that stands on each failure: ``failure_id, when_utc, verdict, who``.

    What a person decided first is when the failure stopped waiting, whatever was said later.
    """
    rows = [_row(row) for row in history(folder) if row[SAY] in tuple(Verdict)]
    names = ("failure_id", "when_utc", "verdict", "who")
    return (
        RESOLUTIONS.frame(rows)
        .select(names)
        .sort("when_utc", maintain_order=True)
        .unique("failure_id", keep="first", maintain_order=True)
    )


def resolution_faults(folder: Path) -> tuple[Rejection, ...]:
    """Return the lines of the ledger that say nothing, each with its place and the reason."""
    file = folder / RESOLUTIONS_FILE
    refused = read(file)[1]
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError:
        return refused
    found = list(refused)
    torn = {rejection.at for rejection in refused}
    for number, text in enumerate(lines, start=1):
        at = f"line {number}"
        if text.strip() and at not in torn and (fault := line_fault(json.loads(text))):
            found.append(Rejection(path=file.as_posix(), at=at, reason=fault))
    return tuple(found)


def folded(lines: Sequence[Row], *, failures: pl.DataFrame | None = None) -> pl.DataFrame:
    """Fold standing lines into one row a failure; a line with a fault says nothing."""
    found: dict[str, dict[str, object]] = {}
    for row in lines:
        if line_fault(row):
            continue
        if row[SAY] in tuple(Verdict):
            found[row["failure"]] = _row(row)
        elif row[SAY] == HELD and row["failure"] in found:
            found[row["failure"]]["held"] = row["held"]
    frame = RESOLUTIONS.frame(list(found.values())).sort("failure_id")
    return frame if failures is None else _renamed(frame, failures)


def _row(row: Mapping[str, object]) -> dict[str, object]:
    shown = {name: row.get(name) for name in SUGGESTED}
    for name in ("similarity", "confidence"):
        value = shown[name]
        shown[name] = float(value) if isinstance(value, int | float) else None
    return {
        "failure_id": row["failure"],
        "content": row.get(HASH),
        "verdict": row[SAY],
        "done": row.get("done"),
        "held": row.get("held"),
        "who": row["who"],
        "when_utc": datetime.fromisoformat(str(row["when"])),
        "why": row.get("why"),
        **shown,
    }


def _renamed(frame: pl.DataFrame, failures: pl.DataFrame) -> pl.DataFrame:
    """Give verdicts on failures that are not loaded the id under which their text is."""
    loaded = set(failures["failure_id"])
    away = frame.filter(~pl.col("failure_id").is_in(loaded))
    if away.is_empty():
        return frame
    wanted = set(away["content"].drop_nulls())
    ids: dict[str, str] = {}
    for failure_id, text in failures.select("failure_id", "text").sort("failure_id").iter_rows():
        content = failure_content(text or "")
        if content in wanted:
            ids.setdefault(content, failure_id)
    named = pl.col("content").replace_strict(ids, default=None, return_dtype=pl.String)
    moved = away.with_columns(failure_id=named.fill_null(pl.col("failure_id")))
    here = frame.filter(pl.col("failure_id").is_in(loaded))
    return (
        pl.concat([here, moved])
        .unique("failure_id", keep="first", maintain_order=True)
        .sort("failure_id")
    )

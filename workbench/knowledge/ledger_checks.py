"""Which commits the daily report has looked at: ``state/checks.jsonl``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from workbench.knowledge.ledger import Row, append, read

CHECKS = "state/checks.jsonl"
_PLACE = ("repository", "sha", "position")
_RUN = ("repository", "first", "sha")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What earlier checks leave of a day.

    ``fresh`` are the commits of the day that nobody looked at, ``already`` counts the others.
    ``last`` is the last checked commit of each repository; ``before`` counts commits between it and
    the day that no check looked at; ``lost`` are checked commits that are not on the line, because
    it was rewritten or less of it is loaded; not those whose day was checked again since.
    """

    fresh: pl.DataFrame
    already: int
    last: Mapping[str, str]
    before: int
    lost: tuple[str, ...]


def checked(folder: Path, day: pl.DataFrame, *, line: pl.DataFrame) -> Checked:
    """Say which commits of a day no check has looked at.

    Parameters
    ----------
    folder : pathlib.Path
        The catalogue's folder.
    day, line : polars.DataFrame
        ``repository, sha, position`` of the day's commits, and of all commits that are loaded.
    """
    spans, lost = _spans(read(folder / CHECKS)[0], line)
    fresh = _unseen(day, spans)
    ends = spans.sort("final").unique("repository", keep="last", maintain_order=True)
    begins = day.group_by("repository").agg(begin=pl.col("position").min())
    between = (
        line.select(_PLACE)
        .join(ends.select("repository", "final"), on="repository")
        .join(begins, on="repository")
        .filter(pl.col("position").is_between("final", "begin", closed="none"))
    )
    return Checked(
        fresh=fresh,
        already=day.height - fresh.height,
        last=dict(ends.select("repository", "sha").sort("repository").iter_rows()),
        before=_unseen(between, spans).height,
        lost=lost,
    )


def append_checks(folder: Path, seen: pl.DataFrame, *, who: str, when: date) -> tuple[Row, ...]:
    """Append that these commits were looked at, one line for each unbroken run of them.

    A run that another report has kept meanwhile is not kept twice.

    Parameters
    ----------
    folder : pathlib.Path
        The catalogue's folder.
    seen : polars.DataFrame
        ``repository, sha, position`` of the commits.
    who : str
        What looked.
    when : datetime.date
        The day that was reported.
    """
    ordered = seen.select(_PLACE).sort("repository", "position")
    run = pl.col("position").cast(pl.Int64) - pl.int_range(pl.len()).over("repository")
    runs = (
        ordered.with_columns(run=run)
        .group_by("repository", "run", maintain_order=True)
        .agg(first=pl.col("sha").first(), sha=pl.col("sha").last(), commits=pl.len())
        .drop("run")
    )
    told: dict[str, object] = {"who": who, "when": when.isoformat()}
    rows = [{**row, **told} for row in runs.to_dicts()]

    def new(there: Sequence[Row]) -> list[Row]:
        known = {tuple(row.get(name) for name in _RUN) for row in there}
        return [row for row in rows if tuple(row[name] for name in _RUN) not in known]

    return append(folder, CHECKS, rows=new) if rows else ()


def _spans(rows: Sequence[Row], line: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """repository, begin, final, sha of what was checked; shas of checks that left the line.

    A repository that is not loaded here says nothing about whether its commits still stand.
    """
    said = pl.DataFrame(
        [{key: str(row.get(key)) for key in (*_RUN, "when")} for row in rows],
        schema=dict.fromkeys((*_RUN, "when"), pl.String),
        orient="row",
    )
    places = line.select(_PLACE)
    placed = (
        said.join(places.select("repository").unique(), on="repository", maintain_order="left")
        .join(
            places.rename({"sha": "first", "position": "begin"}),
            on=["repository", "first"],
            how="left",
            maintain_order="left",
        )
        .join(
            places.rename({"position": "final"}),
            on=["repository", "sha"],
            how="left",
            maintain_order="left",
        )
    )
    gone = placed.filter(pl.col("begin").is_null() | pl.col("final").is_null())
    found = placed.drop_nulls(["begin", "final"])
    lost = gone.join(found, on=["repository", "when"], how="anti", maintain_order="left")
    return found, tuple(lost["sha"].unique(maintain_order=True))


def _unseen(commits: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Commits that no span holds."""
    seen = commits.join(spans.select("repository", "begin", "final"), on="repository").filter(
        pl.col("position").is_between("begin", "final")
    )
    return commits.join(seen, on=["repository", "sha"], how="anti", maintain_order="left")

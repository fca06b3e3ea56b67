"""Matches a text detector's regular expressions against the hunks of a history."""

from __future__ import annotations

import polars as pl

from workbench.analysis.history.paths import module_of_path
from workbench.analysis.placed_rows import placed
from workbench.domain.histories import History
from workbench.domain.patterns import TextDetector
from workbench.errors import DetectorError
from workbench.text.globs import glob_match

PLACE = ("sha", "path", "line", "side", "qualname")


def scan_text(detector: TextDetector, history: History) -> pl.DataFrame:
    """One row per hunk that matches: sha, path, line, side, qualname and the named groups.

    The line is that of the first match, on the side after when ``added`` is given, else on the
    side before. ``qualname`` is the module: text does not say which function it stands in.
    """
    hunks = placed(history, "hunks")
    found = hunks.filter(pl.col("sha").is_not_null() & _matches(detector)).filter(_paths(detector))
    if detector.absent is not None:
        same_file = hunks.join(found.select("change_id"), on="change_id", how="semi")
        given = same_file.filter(pl.col("added").str.contains(detector.absent))
        found = found.join(given, on="change_id", how="anti")
    side = "before" if detector.added is None and detector.removed is not None else "after"
    return found.select(
        "sha",
        "path",
        _line(detector, side).alias("line"),
        pl.lit(side).alias("side"),
        pl.coalesce(module_of_path(pl.col("path")), "path").alias("qualname"),
        *_groups(detector),
    )


def _paths(detector: TextDetector) -> pl.Expr:
    """Whether the detector looks at a path."""
    look = pl.lit(value=True)
    if detector.paths:
        look = look & glob_match(pl.col("path"), detector.paths)
    if detector.skip_paths:
        look = look & ~glob_match(pl.col("path"), detector.skip_paths)
    return look


def _matches(detector: TextDetector) -> pl.Expr:
    match = pl.lit(value=True)
    if detector.removed is not None:
        match = match & pl.col("removed").str.contains(detector.removed)
    if detector.added is not None:
        match = match & pl.col("added").str.contains(detector.added)
    return match


def _line(detector: TextDetector, side: str) -> pl.Expr:
    """The line of the first match: the hunk's first line and the newlines before the match."""
    column, regex = ("added", detector.added) if side == "after" else ("removed", detector.removed)
    start = pl.col("new_start" if side == "after" else "old_start").cast(pl.Int64)
    if regex is None:
        return start
    before = pl.col(column).cast(pl.Binary).bin.slice(0, pl.col(column).str.find(regex))
    return start + before.cast(pl.String).str.count_matches("\n", literal=True).cast(pl.Int64)


def _groups(detector: TextDetector) -> list[pl.Expr]:
    """Named groups as columns; one that both expressions name is the added one."""
    named: dict[str, pl.Expr] = {}
    for column, regex in (("removed", detector.removed), ("added", detector.added)):
        for name in _group_names(regex) if regex is not None else ():
            if name in PLACE:
                raise DetectorError(
                    f"A group is called {name}.", right=f"{', '.join(PLACE)} are the hit's own."
                )
            groups = pl.col(column).str.extract_groups(regex or "")
            named[name] = groups.struct.field(name).alias(name)
    return list(named.values())


def _group_names(regex: str) -> list[str]:
    """Names of the groups of a regular expression, as polars' dialect reads it."""
    probe: pl.Struct = pl.select(pl.lit("").str.extract_groups(regex)).to_series().dtype  # type: ignore[assignment]
    return [field.name for field in probe.fields if not field.name.isdigit()]

"""Who wrote the lines that a small fix takes away: line tracking through the loaded hunks."""

from __future__ import annotations

import polars as pl

from workbench.analysis.history.mining_messages import FIXES
from workbench.domain.histories import History

# Fixes of words, of tests and of checks blame nobody's behaviour.
TRIVIAL = (
    r"(?i)\b(?:typos?|spelling|docs?|docstrings?|documentation|grammar|comments?|lint\w*|mypy|ruff|"
    r"static checks?|pre-?commit|prek|ci|tests?|flaky|changelog|release notes?|revert)\b"
)
MOST_LINES = 20
MOST_FILES = 3
# A commit that touches more core files than this only passed by: a move, a formatter.
SWEEPING = 60
# Through how many changes of its file a line is followed back.
MOST_STEPS = 400
# Lines that say nothing about behaviour: blank, comments, closing brackets, imports.
EMPTY = r"^\s*(?:#.*|[\])}]+,?|import .*|from .* import .*|\"\"\".*|pass|else:|try:)?\s*$"


def blamed_fixes(history: History, commits: pl.DataFrame) -> pl.DataFrame:
    """Return ``commit_id, fix_id, rule, trust``: for each small fix who wrote most of what it took.

    A fix is small when it changes at most :data:`MOST_LINES` lines of at most :data:`MOST_FILES`
    core files. Each line it takes away is followed back, change by change, to the commit that put
    it there; a line that is older than the loaded history blames nobody. Of several commits the
    one with most lines is blamed, the latest of them in a tie.
    """
    changes = _changes(history, commits)
    fixes = commits.filter(pl.col("subject").str.contains(FIXES))
    return _blamed(history, changes, _small(fixes, changes), rule="fix-blame")


def rewrites(history: History, commits: pl.DataFrame, *, of: pl.Series) -> pl.DataFrame:
    """Return the same for small changes, whatever they call themselves, that rewrite given commits.

    Parameters
    ----------
    history : History
        File changes and hunks.
    commits : polars.DataFrame
        Commits of the span.
    of : polars.Series
        ``commit_id`` of the commits whose lines are watched.
    """
    changes = _changes(history, commits)
    watched = changes.filter(pl.col("commit_id").is_in(of.implode()))
    near = changes.join(watched, on=["repository", "path"], how="semi")
    touching = commits.join(near, on="commit_id", how="semi")
    found = _blamed(history, changes, _small(touching, changes), rule="rewrites-fix")
    return found.filter(pl.col("commit_id").is_in(of.implode()))


def _blamed(
    history: History, changes: pl.DataFrame, small: pl.DataFrame, *, rule: str
) -> pl.DataFrame:
    written = _followed(_taken(history, changes, small), changes, history["hunks"])
    sweeping = changes.group_by("commit_id").len().filter(pl.col("len") > SWEEPING)
    return (
        written.join(sweeping, on="commit_id", how="anti")
        .group_by("fix_id", "commit_id")
        .agg(lines=pl.len(), origin=pl.col("origin").first())
        .sort("fix_id", "lines", "origin", descending=[False, True, True])
        .unique("fix_id", keep="first", maintain_order=True)
        .with_columns(rule=pl.lit(rule), trust=pl.lit("weak"))
        .select("commit_id", "fix_id", "rule", "trust")
    )


def _changes(history: History, commits: pl.DataFrame) -> pl.DataFrame:
    """Core changes with the place of their commit on its line."""
    places = commits.select("commit_id", "repository", "position")
    columns = ("change_id", "commit_id", "path", "old_path", "added_lines", "removed_lines")
    core = history["file_changes"].filter(pl.col("is_core") & ~pl.col("is_binary"))
    return core.select(columns).join(places, on="commit_id").sort("position", "change_id")


def _small(commits: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """commit_id of the small ones that are about behaviour."""
    telling = commits.filter(~pl.col("subject").str.contains(TRIVIAL))
    size = changes.group_by("commit_id").agg(
        files=pl.len(), lines=pl.col("added_lines").sum() + pl.col("removed_lines").sum()
    )
    small = size.filter((pl.col("files") <= MOST_FILES) & (pl.col("lines") <= MOST_LINES))
    return telling.select("commit_id").join(small, on="commit_id", how="semi")


def _taken(history: History, changes: pl.DataFrame, fixes: pl.DataFrame) -> pl.DataFrame:
    """fix_id, change_id, line: each telling line that a fix takes away, as it stood before."""
    first = pl.col("old_start").cast(pl.Int64)
    return (
        changes.join(fixes, on="commit_id", how="semi")
        .join(history["hunks"].filter(pl.col("old_lines") > 0), on="change_id")
        .select(
            "change_id",
            fix_id="commit_id",
            text=pl.col("removed").str.split("\n"),
            line=pl.int_ranges(first, first + pl.col("removed").str.split("\n").list.len()),
        )
        .explode("text", "line")
        .filter(~pl.col("text").str.contains(EMPTY))
        .drop("text")
    )


def _changes_before(changes: pl.DataFrame) -> pl.DataFrame:
    """change_id, earlier, commit_id, origin: the change of the same file before each one."""
    place = pl.col("position").cast(pl.Int64)
    later = changes.select(
        "repository", "change_id", before=place, path=pl.col("old_path").fill_null(pl.col("path"))
    )
    earlier = changes.select("repository", "path", "commit_id", earlier="change_id", origin=place)
    return (
        later.sort("before")
        .join_asof(
            earlier.sort("origin"),
            left_on="before",
            right_on="origin",
            by=["repository", "path"],
            strategy="backward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        .drop_nulls("earlier")
        .select("change_id", "earlier", "commit_id", "origin")
    )


def _followed(lines: pl.DataFrame, changes: pl.DataFrame, hunks: pl.DataFrame) -> pl.DataFrame:
    """fix_id, commit_id, origin: where each line was written, for those that are found."""
    before = _changes_before(changes)
    blocks = hunks.select(
        pl.col("change_id").alias("earlier"),
        pl.col("old_lines", "new_start", "new_lines").cast(pl.Int64),
    ).join(before.select("earlier").unique(), on="earlier", how="semi")
    end = pl.col("new_start") + pl.col("new_lines")
    inside = (pl.col("line") >= pl.col("new_start")) & (pl.col("line") < end)
    # A block without new lines stands behind the line it names.
    behind = pl.when(pl.col("new_lines") == 0).then(pl.col("new_start") < pl.col("line"))
    above = behind.otherwise(end <= pl.col("line"))
    shift = (pl.col("old_lines") - pl.col("new_lines")).filter(above).sum()
    found: list[pl.DataFrame] = []
    left = lines.with_row_index("row")
    for _ in range(MOST_STEPS):
        if left.is_empty():
            break
        at = before.join(left, on="change_id")
        met = blocks.join(at.select("row", "earlier", "line"), on="earlier")
        told = met.group_by("row").agg(inside=inside.any(), shift=shift)
        stepped = at.join(told, on="row", how="left")
        found.append(stepped.filter("inside").select("fix_id", "commit_id", "origin"))
        left = stepped.filter(~pl.col("inside").fill_null(value=False)).select(
            "row",
            "fix_id",
            change_id="earlier",
            line=pl.col("line") + pl.col("shift").fill_null(0),
        )
    empty = {"fix_id": pl.UInt32, "commit_id": pl.UInt32, "origin": pl.Int64}
    return pl.concat(found) if found else pl.DataFrame(schema=empty)

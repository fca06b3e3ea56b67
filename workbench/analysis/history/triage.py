"""Sorts commits into SKIP, TARGETED and FULL by their paths, each with the rule that decided."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from workbench.analysis.history.import_reach import reach_of
from workbench.analysis.history.paths import module_of_path
from workbench.domain.histories import History, rows_of
from workbench.domain.history import TriageClass
from workbench.domain.patterns import PathRule
from workbench.domain.tables import Table, table
from workbench.text.globs import glob_match

TRIAGE: Table = table(
    "triage",
    {
        "sha": (pl.String, "commit"),
        "class": (pl.String, "SKIP, TARGETED, FULL"),
        "rule": (
            pl.String,
            "SKIP: the rule that covers most of its files, or 'no files'; else the first path that "
            "no rule skips",
        ),
    },
    key=("sha",),
)
NO_FILES = "no files"


def triage(
    history: History, rules: Sequence[PathRule], *, imported: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Sort every commit of the history.

    SKIP comes from the rules alone: each path that the commit changes, old or new, matches a rule.
    The import map only divides the rest: FULL when a touched module is imported, or is a parent or
    child of an imported one, else TARGETED. Without an import map the rest is FULL.

    Parameters
    ----------
    history : History
        Commits and file changes.
    rules : sequence of PathRule
        Paths to skip; the first rule that matches a path counts it.
    imported : polars.DataFrame, optional
        A column ``module``: what the downstreams import; with ``since_utc`` and ``until_utc`` each
        counts only for commits of that time.

    Returns
    -------
    polars.DataFrame
        As declared in :data:`TRIAGE`, oldest commit first.
    """
    commits = history["commits"].select("commit_id", "sha", "committed_utc", "position")
    touched = _touched_paths(history, rules).join(commits.select("commit_id"), on="commit_id")
    skipped = _deciding_skip_rule(touched, rules)
    kept = _first_kept_path(touched, commits, imported)
    full, skip = TriageClass.FULL.value, TriageClass.SKIP.value
    sorted_out = (
        commits.join(kept, on="commit_id", how="left")
        .join(skipped, on="commit_id", how="left")
        .with_columns(
            pl.when(pl.col("path").is_null())
            .then(pl.lit(skip))
            .when(pl.col("reached"))
            .then(pl.lit(full))
            .otherwise(pl.lit(TriageClass.TARGETED.value))
            .alias("class"),
            pl.coalesce("path", "skip_rule", pl.lit(NO_FILES)).alias("rule"),
        )
        .sort("committed_utc", "position", "sha")
    )
    return TRIAGE.check(sorted_out.select(list(TRIAGE.columns)))


def watched(history: History, rules: Sequence[PathRule]) -> History:
    """The history without skipped paths: what detectors look at.

    A commit that is not skipped may still hold skipped files; they are left out file by file, so
    that a hit never stands in a path that triage calls harmless.
    """
    changes = history["file_changes"]
    marked = _marked(changes, rules)
    kept = changes.filter(~_all_skipped(marked))
    touched = history.commits.join(kept, on="commit_id", how="semi")

    def loader(name: str) -> pl.DataFrame:
        return kept if name == "file_changes" else history[name]

    def finder(name: str, column: str, values: pl.Series) -> pl.DataFrame:
        if name == "file_changes":
            return rows_of(kept, column=column, values=values)
        return history.rows(name, column=column, values=values)

    return History(touched, loader, finder=finder)


def _marked(changes: pl.DataFrame, rules: Sequence[PathRule]) -> pl.DataFrame:
    """Each change with the rank of the rule that skips its path and its old path."""
    paths = (
        pl.concat([changes["path"], changes["old_path"]])
        .unique()
        .drop_nulls()
        .alias("one")
        .to_frame()
    )
    rank = pl.lit(None, pl.UInt32)
    for at, rule in reversed(list(enumerate(rules))):
        matches = glob_match(pl.col("one"), rule.globs)
        rank = pl.when(matches).then(pl.lit(at, pl.UInt32)).otherwise(rank)
    ranked = paths.with_columns(rank=rank)
    return (
        changes.select(
            "change_id", "commit_id", "path", pl.col("old_path").fill_null(pl.col("path"))
        )
        .join(ranked.rename({"one": "path"}), on="path", how="left")
        .join(ranked.rename({"one": "old_path", "rank": "old_rank"}), on="old_path", how="left")
    )


def _all_skipped(marked: pl.DataFrame) -> pl.Series:
    return marked["rank"].is_not_null() & marked["old_rank"].is_not_null()


def _touched_paths(history: History, rules: Sequence[PathRule]) -> pl.DataFrame:
    """commit_id, change_id, path, rank: one row per changed path, old ones of renames included."""
    marked = _marked(history["file_changes"], rules)
    new = marked.select("commit_id", "change_id", "path", "rank")
    renamed = marked.filter(pl.col("old_path") != pl.col("path"))
    old = renamed.select("commit_id", "change_id", path="old_path", rank="old_rank")
    return pl.concat([new, old])


def _deciding_skip_rule(touched: pl.DataFrame, rules: Sequence[PathRule]) -> pl.DataFrame:
    """commit_id, skip_rule: the rule with most of the commit's paths, the earlier one in a tie."""
    names = pl.Series("skip_rule", [rule.id for rule in rules], dtype=pl.String)
    ids = names.to_frame().with_row_index("rank")
    return (
        touched.drop_nulls("rank")
        .group_by("commit_id", "rank")
        .len()
        .sort("commit_id", "len", "rank", descending=[False, True, False])
        .unique("commit_id", keep="first", maintain_order=True)
        .join(ids, on="rank")
        .select("commit_id", "skip_rule")
    )


def _first_kept_path(
    touched: pl.DataFrame, commits: pl.DataFrame, imported: pl.DataFrame | None
) -> pl.DataFrame:
    """commit_id, path, reached: the first path that no rule skips, one that is imported before."""
    kept = touched.filter(pl.col("rank").is_null())
    if imported is None:
        reached = kept.with_columns(reached=pl.lit(value=True))
    else:
        placed = kept.with_columns(module=module_of_path(pl.col("path"))).join(
            commits.select("commit_id", "committed_utc"), on="commit_id"
        )
        near = (
            placed.join(reach_of(placed["module"], imported), on="module")
            .filter(
                (pl.col("since_utc") <= pl.col("committed_utc"))
                & (pl.col("committed_utc") < pl.col("until_utc"))
            )
            .select("commit_id", "path")
            .unique()
            .with_columns(reached=pl.lit(value=True))
        )
        reached = kept.join(near, on=["commit_id", "path"], how="left").with_columns(
            pl.col("reached").fill_null(value=False)
        )
    return (
        reached.sort(
            "commit_id", "reached", "change_id", "path", descending=[False, True, False, False]
        )
        .unique("commit_id", keep="first", maintain_order=True)
        .select("commit_id", "path", "reached")
    )

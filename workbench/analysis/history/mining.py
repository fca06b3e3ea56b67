"""Mines labels from a history: reverts, messages that name a cause, news fragments, small fixes."""

from __future__ import annotations

from typing import Literal

import polars as pl

from workbench.analysis.history.mining_blame import blamed_fixes
from workbench.analysis.history.mining_messages import mentions, numbered, reverts
from workbench.domain.frames import UTC
from workbench.domain.histories import History
from workbench.domain.patterns import Label
from workbench.domain.tables import Table, table

Trust = Literal["high", "medium", "weak"]
TRUSTS: tuple[Trust, ...] = ("high", "medium", "weak")
REGRESSION, SHORT_LIVED = "regression", "short-lived-revert"
SIGNIFICANT, FIX_BLAME = "significant", "fix-blame"
# What was undone within two days never reached a release: a kind of its own.
SHORT_DAYS = 2
FRAGMENT = r"(?:^|/)newsfragments/(\d+)\.significant(?:\.\d+)?\.rst$"
# A commit that adds more fragments than this collects those of others.
MOST_FRAGMENTS = 3

MINED: Table = table(
    "mined_labels",
    {
        "sha": (pl.String, "commit that hurt, or that its authors call significant"),
        "kind": (pl.String, "regression, short-lived-revert, significant, fix-blame"),
        "rule": (pl.String, "how it was found"),
        "trust": (pl.String, "high, medium, weak: how far the rule can be believed"),
        "fixing_sha": (pl.String, "commit that undid or repaired it; null for significant ones"),
        "known_utc": (UTC, "from when on anybody could know: the date of what says so"),
        "lag_days": (pl.Float64, "days from the commit to what says so"),
    },
    key=("sha", "kind", "fixing_sha"),
)


def mine(history: History) -> pl.DataFrame:
    """Mine every label that the commits of a history give.

    A revert proves that a change was undone, not that it hurt anybody; a message that names a
    cause is a person's word; a small fix blames whoever wrote the lines last, which is weak.

    Parameters
    ----------
    history : History
        Commits with their messages; file changes and hunks for fragments and blame. News fragments
        are found only where all files were loaded.

    Returns
    -------
    polars.DataFrame
        As declared in :data:`MINED`, by date known; one row per commit, kind and fix, that of the
        most trusted rule.
    """
    commits = numbered(history.commits)
    undone = _dated(reverts(commits), commits).with_columns(
        kind=pl.when(pl.col("lag_days") <= SHORT_DAYS)
        .then(pl.lit(SHORT_LIVED))
        .otherwise(pl.lit(REGRESSION))
    )
    named = _dated(mentions(commits), commits).with_columns(kind=pl.lit(REGRESSION))
    blamed = _dated(blamed_fixes(history, commits), commits).with_columns(kind=pl.lit(FIX_BLAME))
    told = named.join(undone, on=["sha", "fixing_sha"], how="anti")
    found = [undone, told, blamed, _significant(history, commits)]
    columns = list(MINED.columns)
    rank = pl.col("trust").replace_strict({t: n for n, t in enumerate(TRUSTS)})
    rows = (
        pl.concat([part.select(columns) for part in found])
        .sort(rank, "rule", "sha", "fixing_sha")
        .unique(["sha", "kind", "fixing_sha"], keep="first", maintain_order=True)
        .sort("known_utc", "sha", "kind", "fixing_sha")
    )
    return MINED.check(rows)


def as_labels(mined: pl.DataFrame, *, trust: Trust = "medium") -> tuple[Label, ...]:
    """Return mined labels as the backtest takes them, none less trusted than asked.

    ``extra`` holds ``kind``, ``rule``, ``trust``, ``fixed_sha`` and, as ``when``, the date from
    which each is known.
    """
    enough = TRUSTS[: TRUSTS.index(trust) + 1]
    kept = mined.filter(pl.col("trust").is_in(enough))
    return tuple(
        Label(
            sha=row["sha"],
            label="breaking",
            extra={
                "kind": row["kind"],
                "rule": row["rule"],
                "trust": row["trust"],
                "fixed_sha": row["fixing_sha"],
                "when": row["known_utc"].isoformat(),
            },
        )
        for row in kept.iter_rows(named=True)
    )


def _dated(pairs: pl.DataFrame, commits: pl.DataFrame) -> pl.DataFrame:
    """Pairs of commit ids with shas, the date of the fix, and the days between."""
    dates = commits.select("commit_id", "sha", "committed_utc")
    return (
        pairs.join(dates, on="commit_id")
        .join(
            dates.rename(
                {"commit_id": "fix_id", "sha": "fixing_sha", "committed_utc": "known_utc"}
            ),
            on="fix_id",
        )
        .with_columns(lag_days=_days(pl.col("committed_utc"), pl.col("known_utc")))
    )


def _significant(history: History, commits: pl.DataFrame) -> pl.DataFrame:
    """Commits that a significant news fragment is about: the numbered one, else who added it.

    A fragment often bears the number of the change it comes with; one that was added later bears
    that of an older one. Where no commit has the number it is an issue's, and who added the
    fragment made the change.
    """
    added = (
        history["file_changes"]
        .filter(pl.col("status") == "A")
        .with_columns(number=pl.col("path").str.extract(FRAGMENT).cast(pl.Int64, strict=False))
        .drop_nulls("number")
        .select("commit_id", "number")
        .unique()
        .join(
            commits.select("commit_id", "repository", "position", "committed_utc"), on="commit_id"
        )
    )
    by_number = commits.select(
        "repository", "number", "sha", origin="position", landed="committed_utc"
    ).drop_nulls("number")
    numbered_ones = (
        added.join(by_number, on=["repository", "number"])
        .filter(pl.col("origin") <= pl.col("position"))
        .sort("origin")
        .unique(["commit_id", "number"], keep="last", maintain_order=True)
        .with_columns(rule=pl.lit("fragment-number"), trust=pl.lit("high"))
    )
    alone = (
        added.join(numbered_ones, on=["commit_id", "number"], how="anti")
        .filter(pl.len().over("commit_id") <= MOST_FRAGMENTS)
        .join(commits.select("commit_id", "sha"), on="commit_id")
        .with_columns(landed="committed_utc", rule=pl.lit("fragment-added"), trust=pl.lit("medium"))
    )
    columns = ["sha", "landed", "committed_utc", "rule", "trust"]
    both = pl.concat([numbered_ones.select(columns), alone.select(columns)])
    return both.with_columns(
        kind=pl.lit(SIGNIFICANT),
        fixing_sha=pl.lit(None, pl.String),
        known_utc="committed_utc",
        lag_days=_days(pl.col("landed"), pl.col("committed_utc")),
    ).sort("known_utc")


def _days(begin: pl.Expr, end: pl.Expr) -> pl.Expr:
    return (end - begin).dt.total_seconds() / 86_400

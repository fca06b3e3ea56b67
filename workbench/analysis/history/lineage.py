"""Chains of cause and repair: a fix that was hit itself, or that needed a fix of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import polars as pl

from workbench.analysis.history.backtest_labels import REAL
from workbench.analysis.history.mining_blame import rewrites
from workbench.analysis.history.mining_messages import numbered
from workbench.analysis.history.short_shas import Shas
from workbench.domain.frames import UTC
from workbench.domain.histories import History
from workbench.domain.patterns import Label
from workbench.domain.tables import Table, table

TRUSTS = ("high", "medium", "weak")
# A graph of fixes has few branches; a tangle is cut, not followed for ever.
MOST_CHAINS = 1_000
MOST_WAYS = 100_000


class _Edge(NamedTuple):
    """A row of :data:`EDGES`."""

    cause: str
    fix: str
    rule: str
    trust: str
    days: float


class _Step(NamedTuple):
    """A commit of a way, and how the next one repairs it."""

    sha: str
    rule: str | None = None
    trust: str | None = None
    days: float | None = None


EDGES: Table = table(
    "edges",
    {
        "cause": (pl.String, "commit that hurt"),
        "fix": (pl.String, "later commit that repairs it"),
        "rule": (pl.String, "why it is taken for its repair"),
        "trust": (pl.String, "high, medium, weak"),
        "days": (pl.Float64, "days between them"),
    },
    key=("cause", "fix"),
)
CHAINS: Table = table(
    "chains",
    {
        "chain": (pl.UInt32, "number of the chain, the oldest is 0"),
        "step": (pl.UInt32, "place in it, the first cause is 0"),
        "sha": (pl.String, "commit"),
        "subject": (pl.String, "first line of its message"),
        "committed_utc": (UTC, "when it landed"),
        "patterns": (pl.List(pl.String), "patterns that hit it, sorted"),
        "rule": (pl.String, "why the next commit is its repair; null for the last one"),
        "trust": (pl.String, "of that; null for the last one"),
        "days": (pl.Float64, "until then; null for the last one"),
    },
    key=("chain", "step"),
)


def edges(labels: Iterable[Label], history: History, hits: pl.DataFrame) -> pl.DataFrame:
    """Return pairs of a cause and its fix that can be believed, oldest cause first.

    A weak label counts only when a pattern hits its cause: two weak witnesses that agree. A fix
    that a pattern hits is watched further: a small change that rewrites its lines is taken for its
    repair, whatever it calls itself.

    Parameters
    ----------
    labels : iterable of Label
        Verdicts that name a fix (``fixed_sha`` in ``extra``): mined ones, or a person's; a sha may
        be a beginning that one commit alone has.
    history : History
        The commits, with their changes.
    hits : polars.DataFrame
        ``sha, pattern`` of a run of all patterns over the same commits, fixes included.
    """
    shas = Shas(history.commits["sha"])
    told = pl.DataFrame(
        [
            {
                "cause": shas.whole(label.sha),
                "fix": shas.whole(str(label.extra.get("fixed_sha"))),
                "rule": str(label.extra.get("rule", "label")),
                "trust": str(label.extra.get("trust", "high")),
            }
            for label in labels
            if label.label in REAL and label.extra.get("fixed_sha")
        ],
        schema=dict.fromkeys(("cause", "fix", "rule", "trust"), pl.String),
        orient="row",
    )
    hit = hits["sha"].unique()
    believed = told.filter(
        pl.col("trust").is_in(["high", "medium"]) | pl.col("cause").is_in(hit.implode())
    )
    found = _dated(believed, history.commits)
    fixes = found.filter(pl.col("fix").is_in(hit.implode()))["fix"]
    known = numbered(history.commits)
    of = known.filter(pl.col("sha").is_in(fixes.implode()))["commit_id"]
    if of.is_empty():
        return found
    ids = known.select("commit_id", "sha")
    again = (
        rewrites(history, known, of=of)
        .join(ids.rename({"sha": "cause"}), on="commit_id")
        .join(ids.rename({"commit_id": "fix_id", "sha": "fix"}), on="fix_id")
    )
    both = pl.concat([found, _dated(again, history.commits)])
    rank = pl.col("trust").replace_strict({t: n for n, t in enumerate(TRUSTS)}, default=0)
    best = both.sort(rank, "rule").unique(["cause", "fix"], keep="first", maintain_order=True)
    return EDGES.check(_ordered(best, history.commits))


def _silent(sentence: str) -> None:
    """Say nothing."""


def chains(
    found: pl.DataFrame,
    history: History,
    hits: pl.DataFrame,
    *,
    say: Callable[[str], None] = _silent,
) -> pl.DataFrame:
    """Return every way from a first cause over its fixes in which a fix hurt again.

    A fix hurt again when it is the cause of another fix, or when a pattern hits it. Fixes that did
    neither are no chain.

    Parameters
    ----------
    found : polars.DataFrame
        As :func:`edges` gives them.
    history : History
        The commits.
    hits : polars.DataFrame
        ``sha, pattern`` of their hits.
    say : callable, optional
        Told when a tangle was cut.
    """
    by_pattern = hits.group_by("sha").agg(pl.col("pattern").unique().sort())
    patterns: dict[str, list[str]] = dict(by_pattern.iter_rows())
    after: dict[str, list[_Edge]] = {}
    for row in found.iter_rows(named=True):
        after.setdefault(row["cause"], []).append(_Edge(**row))
    fixes = set(found["fix"])
    roots = [cause for cause in after if cause not in fixes]
    columns = ("sha", "subject", "committed_utc")
    about = {row[0]: row for row in history.commits.select(columns).iter_rows()}
    rows: list[dict[str, object]] = []
    followed = _ways(roots, after)
    kept = (
        way
        for way in islice(followed, MOST_WAYS)
        if len(way) > len(("cause", "fix")) or patterns.get(way[-1].sha)
    )
    for number, way in enumerate(islice(kept, MOST_CHAINS)):
        for step, at in enumerate(way):
            commit = dict(zip(columns, about[at.sha], strict=True))
            told = {"rule": at.rule, "trust": at.trust, "days": at.days}
            known = {"chain": number, "step": step, "patterns": patterns.get(at.sha, [])}
            rows.append({**known, **commit, **told})
    if next(kept, None) is not None:
        say(f"only the first {MOST_CHAINS:,} chains are told; there are more")
    elif next(followed, None) is not None:
        say(f"only the first {MOST_WAYS:,} ways were followed; there are more")
    return CHAINS.frame(rows)


def _ways(roots: Sequence[str], after: Mapping[str, Sequence[_Edge]]) -> Iterator[list[_Step]]:
    """Every way from a root to a fix that nothing follows."""
    for root in roots:
        stack: list[tuple[str, list[_Step]]] = [(root, [])]
        while stack:
            sha, before = stack.pop()
            nexts = after.get(sha, ())
            if not nexts:
                yield [*before, _Step(sha)]
            for edge in reversed(nexts):
                step = _Step(sha, rule=edge.rule, trust=edge.trust, days=edge.days)
                stack.append((edge.fix, [*before, step]))


def _dated(pairs: pl.DataFrame, commits: pl.DataFrame) -> pl.DataFrame:
    """Pairs of which both commits are known and the fix is the later one, with the days between."""
    dates = commits.select("sha", "committed_utc", "position").unique(
        "sha", keep="first", maintain_order=True
    )
    joined = pairs.join(dates.rename({"sha": "cause"}), on="cause").join(
        dates.rename({"sha": "fix", "committed_utc": "fixed_utc", "position": "later"}), on="fix"
    )
    days = (pl.col("fixed_utc") - pl.col("committed_utc")).dt.total_seconds() / 86_400
    kept = joined.filter(pl.col("position") < pl.col("later")).with_columns(days=days)
    once = kept.select(list(EDGES.columns)).unique(
        ["cause", "fix"], keep="first", maintain_order=True
    )
    return _ordered(once, commits)


def _ordered(pairs: pl.DataFrame, commits: pl.DataFrame) -> pl.DataFrame:
    # A history may be loaded twice under two names: then each commit counts where it comes first.
    at = commits.select(cause="sha", at="position").unique(
        "cause", keep="first", maintain_order=True
    )
    to = at.rename({"cause": "fix", "at": "to"})
    return pairs.join(at, on="cause").join(to, on="fix").sort("at", "to").drop("at", "to")

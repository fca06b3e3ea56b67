"""Which functions that a commit touches are reached from hot paths, as of that commit.

A line of commits is told in stretches. In one of them the graph is what stood at its start and all
that has come since, up to the commit: what is reached is thus known as of it, and a call that goes
inside a stretch is forgotten with the next. All of it is approximate, see
:mod:`workbench.analysis.history.call_graph`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from workbench.analysis.history.call_graph import KEY, NEVER, CallGraph, call_graph
from workbench.analysis.history.hot_path_names import on_hot_path
from workbench.analysis.standing_views import inside
from workbench.domain.patterns import HotPath
from workbench.domain.standing import HOT_FUNCTIONS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.int64]

# Version of everything that decides what is reached: another number computes it anew.
REACHABILITY = 1
STRETCH = 500
MOST_STEPS = 8
LONGEST_CHAIN = 4
WORST_FIRST = ("per-task-instance", "per-dag-run", "per-loop")


def hot_functions(
    history: Mapping[str, pl.DataFrame], hot_paths: Sequence[HotPath]
) -> pl.DataFrame:
    """Find the functions that commits touch and that a hot path reaches.

    Parameters
    ----------
    history : mapping
        Frames by name; only its ``commits`` are told of, all the others say what was known.
    hot_paths : sequence of HotPath
        Entry points.

    Returns
    -------
    polars.DataFrame
        As :data:`~workbench.domain.standing.HOT_FUNCTIONS` declares; of several entry points that
        reach a function the one with the worst multiplicity, then the nearest.
    """
    touched = _touched(history)
    found = [HOT_FUNCTIONS.empty()]
    if hot_paths:
        for _, line in sorted(touched.partition_by(KEY, as_dict=True).items(), key=str):
            found += _of_line(history, line, hot_paths)
    return HOT_FUNCTIONS.check(pl.concat(found).sort("commit_id", "change_id", "qualname"))


def _touched(history: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """``repository, pair, position, commit_id, change_id, module, qualname``, once each."""
    commits = history["commits"].select(
        "commit_id",
        "repository",
        pair=pl.when(pl.col("repository_kind") == "release").then("commit_id"),
        position=pl.col("position").cast(pl.Int64),
    )
    changes = (
        history["file_changes"]
        .filter("is_core")
        .select("change_id", "commit_id", "old_path", "path")
        .join(commits, on="commit_id")
    )
    sides = [
        changes.join(
            history["segment_spans"],
            left_on=[*KEY, path, "position"],
            right_on=[*KEY, "path", end],
            nulls_equal=True,
        )
        for path, end in (("path", "since_position"), ("old_path", "until_position"))
    ]
    # Of a file whose folder moved, the same stands on both sides.
    same = ["change_id", "module", "owner", "segment_id"]
    came, went = sides
    edited = [came.join(went, on=same, how="anti"), went.join(came, on=same, how="anti")]
    kinds = history["fact_definitions"].filter(pl.col("kind").is_in(["function", "method"]))
    columns = [*KEY, "position", "commit_id", "change_id", "module", "owner", "segment_id"]
    return (
        pl.concat([side.select(columns) for side in edited])
        .join(kinds.select("segment_id", local="qualname"), on="segment_id")
        .with_columns(qualname=inside())
        .drop("owner", "segment_id", "local")
        .unique()
    )


def _of_line(
    history: Mapping[str, pl.DataFrame], touched: pl.DataFrame, hot_paths: Sequence[HotPath]
) -> list[pl.DataFrame]:
    """The hot ones among the touched functions of one repository or pair."""
    touched = touched.with_columns(stretch=pl.col("position") // STRETCH).sort("position")
    spans = history["segment_spans"].join(
        touched.select(KEY).unique(), on=KEY, how="semi", nulls_equal=True
    )
    earliest = int(spans["since_position"].min() or 0)  # type: ignore[arg-type]
    starts = {s: max(s * STRETCH - 1, earliest) for s in touched["stretch"].unique().sort()}
    needed = spans.filter(
        pl.col("until_position").is_null() | (pl.col("until_position") > min(starts.values())),
        pl.col("since_position") <= touched["position"].max(),
    )
    graph = call_graph(needed, history, starts=tuple(starts.values()))
    return [
        _of_stretch(graph, touched.filter(stretch=stretch), hot_paths, start=start)
        for stretch, start in starts.items()
    ]


def _of_stretch(
    graph: CallGraph, touched: pl.DataFrame, hot_paths: Sequence[HotPath], *, start: int
) -> pl.DataFrame:
    last = touched["position"].max()
    nodes = (
        graph.functions.filter(pl.col("since") <= last, pl.col("until") > start)
        .sort("since")
        .unique("node", keep="first", maintain_order=True)
        .with_columns(since=pl.max_horizontal("since", pl.lit(start)))
    )
    edges = _standing(graph, start=start, last=int(last))  # type: ignore[arg-type]
    here = touched.join(nodes.select("node", "module", "qualname"), on=["module", "qualname"])
    names = dict(nodes.select("node", "qualname").iter_rows())
    count = int(graph.functions["node"].max() or 0) + 1  # type: ignore[arg-type]
    found = []
    for multiplicity in WORST_FIRST:
        listed = [hot for hot in hot_paths if hot.multiplicity == multiplicity]
        entries = nodes.filter(on_hot_path(pl.col("full"), listed))
        if entries.is_empty():
            continue
        known, steps, above = _reach(entries, edges, count)
        at = here["node"].to_numpy()
        reached = here.with_columns(
            known=pl.Series(known[at]), distance=pl.Series(steps[at]).cast(pl.UInt32)
        ).filter(pl.col("known") <= pl.col("position"))
        chains = [_chain(node, above) for node in reached["node"]]
        entry_of = pl.Series("node", [chain[0] for chain in chains], dtype=pl.UInt32)
        found.append(
            reached.with_columns(
                multiplicity=pl.lit(multiplicity),
                via=pl.Series([_told(chain, names) for chain in chains], dtype=pl.String),
                why=_reasons(entry_of, entries, listed),
            ).select(list(HOT_FUNCTIONS.columns))
        )
    every = pl.concat([HOT_FUNCTIONS.empty(), *found])
    return every.unique(["change_id", "module", "qualname"], keep="first", maintain_order=True)


def _standing(graph: CallGraph, *, start: int, last: int) -> pl.DataFrame:
    """``caller, callee, since``: calls that stand at the start, or come up to the last commit."""
    edges = graph.edges.filter(pl.col("since") <= last, pl.col("until") > start)
    sure = edges.filter(pl.col("word").is_null())
    known = sure.filter(pl.col("since") <= start).select("call").unique()
    few = graph.few.filter(at=start).select("word").unique()
    guessed = (
        edges.filter(pl.col("word").is_not_null())
        .join(few, on="word", how="semi")
        .join(known, on="call", how="anti")
    )
    return (
        pl.concat([sure, guessed])
        .with_columns(since=pl.max_horizontal("since", pl.lit(start)))
        .group_by("caller", "callee")
        .agg(pl.col("since").min())
        .sort("caller", "callee")
    )


def _reach(
    entries: pl.DataFrame, edges: pl.DataFrame, count: int
) -> tuple[Numbers, Numbers, Numbers]:
    """From which commit on each function is reached, over how many calls, and from which one."""
    import numpy as np

    known = np.full(count, NEVER, dtype=np.int64)
    steps, above = np.zeros(count, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    known[entries["node"].to_numpy()] = entries["since"].to_numpy()
    callers, callees, since = (edges[n].to_numpy().astype(np.int64) for n in edges.columns)
    fresh = known < NEVER
    for step in range(1, MOST_STEPS + 1):
        out = fresh[callers]
        source, target = callers[out], callees[out]
        when = np.maximum(known[source], since[out])
        order = np.lexsort((source, when, target))
        source, target, when = source[order], target[order], when[order]
        best = np.ones(len(target), dtype=bool)
        best[1:] = target[1:] != target[:-1]
        best &= when < known[target]
        source, target, when = source[best], target[best], when[best]
        known[target], steps[target], above[target] = when, step, source
        fresh = np.zeros(count, dtype=bool)
        fresh[target] = True
        if not len(target):
            break
    return known, steps, above


def _chain(node: int, above: Numbers) -> list[int]:
    """The calls that lead to a function, the entry point first."""
    chain = [int(node)]
    while above[chain[-1]] >= 0:
        chain.append(int(above[chain[-1]]))
    return chain[::-1]


def _told(chain: Sequence[int], names: Mapping[int, str]) -> str:
    words = [names[node] for node in chain]
    if len(words) > LONGEST_CHAIN:
        words = [words[0], "...", *words[1 - LONGEST_CHAIN :]]
    return " > ".join(words)


def _reasons(nodes: pl.Series, entries: pl.DataFrame, hot_paths: Sequence[HotPath]) -> pl.Series:
    """Why each of some entry points is hot: what the first hot path that it is on says."""
    why = pl.coalesce(
        pl.when(on_hot_path(pl.col("full"), [hot])).then(pl.lit(hot.why)) for hot in hot_paths
    )
    reasons = entries.select("node", why=why)
    return nodes.to_frame().join(reasons, on="node", how="left", maintain_order="left")["why"]

"""Scale cards: what a change on a hot path costs a loop, or which question has no answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from workbench.analysis.scale.cost_curves import CostCurves
from workbench.analysis.scale.defaults import ACCOUNT, default
from workbench.analysis.scale.loop import MS, LoopModel
from workbench.analysis.scale.standing_queries import Frames, standing_queries
from workbench.domain.tables import table

UNKNOWN, WITHIN, OVER = "unknown", "within", "over"
GRADES = ("unknown", "none", "partly", "covers")
FOREVER = 1e9
VARIANTS = {"none": "none", "partly": "plain", "covers": "composite"}
"""How an index serves a query -> the variant that a lab measured for it."""
SCALE_CARDS = table(
    "scale_cards",
    {
        "sha": (pl.String, "upstream commit"),
        "name": (pl.String, "dotted function on the hot path"),
        "multiplicity": (pl.String, "per-loop, per-dag-run, per-task-instance"),
        "calls_per_loop": (pl.Float64, "how often a loop asks each query at the modelled scale"),
        "queries": (pl.List(pl.String), "model(filters) of each query that it asks"),
        "index": (pl.String, "how well the worst served is served: covers, partly, none, unknown"),
        "index_columns": (pl.List(pl.String), "the index that serves that one; null without"),
        "rows": (pl.Int64, "rows of its table that the cost is told for"),
        "query_ms": (pl.Float64, "milliseconds of all its queries together; null when unknown"),
        "loop_seconds": (pl.Float64, "seconds a loop that they take; null when unknown"),
        "at_most_seconds": (pl.Float64, "the same where no unknown index serves; null: unbounded"),
        "budget_ms": (pl.Float64, "milliseconds that they may take within the limit"),
        "cost_source": (pl.String, "where the cost of a query comes from: an engine, the account"),
        "verdict": (pl.String, "within, over, unknown"),
        "unanswered": (pl.List(pl.String), "questions without an answer"),
        "says": (pl.String, "the card in words"),
    },
    key=("sha", "name"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The installation a card is told for: its loop, its tables, what a lab measured.

    Parameters
    ----------
    n_tis, n_dagruns, limit_seconds
        Size and limit of the loop.
    rows : mapping
        Model -> rows of its table.
    rows_elsewhere : int
        Rows of a table that is not named; the account's checklist asks what happens at 900,000.
    curves : CostCurves, optional
        A lab's curves; the account's two figures otherwise: 340 ms at 900,000 rows without an
        index, growing with the rows, and 0.019 ms with one that covers.
    source : str
        Where the curves were measured.
    """

    n_tis: int = int(default("n_tis"))
    n_dagruns: int = int(default("n_dagruns"))
    limit_seconds: float = default("limit_seconds")
    rows: Mapping[str, int] = field(default_factory=dict)
    rows_elsewhere: int = int(default("history_rows"))
    curves: CostCurves | None = None
    source: str = ACCOUNT

    def measured(self, found: tuple[CostCurves, str] | None) -> Scale:
        """The same installation with a lab's curves and their source, if there are any."""
        return self if found is None else replace(self, curves=found[0], source=found[1])

    def loop(self, multiplicity: str) -> LoopModel:
        """The loop in which something of that multiplicity asks one query at each turn."""
        tis = self.n_tis if multiplicity == "per-task-instance" else 1
        runs = 1 if multiplicity == "per-loop" else self.n_dagruns
        return LoopModel(n_tis=tis, n_dagruns=runs, per_query_seconds=0.0)

    def query_seconds(self, index: str, rows: int) -> float | None:
        """Seconds of one query that finds nothing; None where nobody measured its like."""
        variant = VARIANTS.get(index)
        if variant is None:
            return None
        if self.curves is not None:
            known = {segment.variant for segment in self.curves.segments}
            if variant not in known:
                return None
            return self.curves.predict(rows, variant=variant).value_ms / MS
        if variant == "plain":
            return None
        if variant == "composite":
            return default("indexed_query_seconds")
        return default("per_query_seconds") * rows / default("history_rows")

    def beyond(self, index: str, rows: int) -> float:
        """How many times beyond a lab's sizes that cost is told for; 1 within them."""
        variant = VARIANTS.get(index)
        if self.curves is None or variant is None:
            return 1.0
        return self.curves.predict(rows, variant=variant).beyond_data


def scale_cards(hot: pl.DataFrame, history: Frames, *, scale: Scale | None = None) -> pl.DataFrame:
    """Answer the three questions for functions on hot paths: how often, which index, what cost.

    Parameters
    ----------
    hot : polars.DataFrame
        ``sha, name, multiplicity``: functions that a commit touches and that run often, as
        :data:`workbench.analysis.history.hot_reach.HOT_NAMES` has them.
    history : mapping
        Frames by name; which queries and indexes stood is told as of each commit.
    scale : Scale, optional
        The installation; the February 2026 incident's otherwise.

    Returns
    -------
    polars.DataFrame
        As :data:`SCALE_CARDS` declares, one row for each function and commit.
    """
    scale = scale or Scale()
    asked = hot.select("sha", "name", "multiplicity").unique(["sha", "name"], keep="first")
    rows = standing_queries(asked, history).to_dicts()
    queries: dict[tuple[str, str], list[dict[str, object]]] = {}
    for row in rows:
        queries.setdefault((row["sha"], row["name"]), []).append(row)
    cards = [
        _card(sha, name, multiplicity, queries.get((sha, name), []), scale)
        for sha, name, multiplicity in asked.iter_rows()
    ]
    return SCALE_CARDS.check(SCALE_CARDS.frame(cards).sort("sha", "name"))


def _card(
    sha: str, name: str, multiplicity: str, queries: list[dict[str, object]], scale: Scale
) -> dict[str, object]:
    loop = scale.loop(multiplicity)
    worst = min(queries, key=lambda q: GRADES.index(str(q["index"])), default=None)
    low, high, rows = 0.0, 0.0, scale.rows_elsewhere
    open_questions: list[str] = []
    for query in queries:
        size = scale.rows.get(str(query["model"]), scale.rows_elsewhere)
        rows = size if query is worst else rows
        taken = scale.query_seconds(str(query["index"]), size)
        if taken is None:
            what = "which index serves" if query["index"] == UNKNOWN else "what is the cost of"
            open_questions.append(f"{what} {_said(query)}?")
        best, bare = (scale.query_seconds(grade, size) for grade in ("covers", "none"))
        low += (best or 0.0) if taken is None else taken
        high += (math.inf if bare is None else bare) if taken is None else taken
    fast, slow = (
        loop.changed(per_query_seconds=each).seconds() for each in (low, min(high, FOREVER))
    )
    if not queries:
        verdict, open_questions = UNKNOWN, ["which query does it ask?"]
    else:
        verdict = OVER if fast > scale.limit_seconds else WITHIN
        verdict = verdict if (slow > scale.limit_seconds) == (verdict == OVER) else UNKNOWN
    known = bool(queries) and not open_questions
    card: dict[str, object] = {
        "sha": sha,
        "name": name,
        "multiplicity": multiplicity,
        "calls_per_loop": loop.queries(),
        "queries": [_said(query) for query in queries],
        "index": worst["index"] if worst else UNKNOWN,
        "index_columns": worst["index_columns"] if worst else None,
        "rows": rows,
        "query_ms": high * MS if known else None,
        "loop_seconds": slow if known else None,
        "at_most_seconds": slow if queries and slow < FOREVER else None,
        "budget_ms": loop.budget(scale.limit_seconds) * MS,
        "cost_source": scale.source,
        "verdict": verdict,
        "unanswered": list(dict.fromkeys(open_questions)),
    }
    return {**card, "says": _says(card, scale, _said(worst) if worst else "")}


def _said(query: Mapping[str, object]) -> str:
    columns = query["filters"]
    return f"{query['model'] or '?'}({', '.join(columns if isinstance(columns, list) else [])})"


def _says(card: Mapping[str, Any], scale: Scale, worst: str) -> str:
    calls = card["calls_per_loop"]
    head = (
        f"Runs {card['multiplicity']}, {f'{calls:,.0f} times' if calls > 1 else 'once'} a loop; "
        f"what it asks may take {_time(card['budget_ms'])}."
    )
    limit = f"the {scale.limit_seconds:g} s of a loop"
    if card["verdict"] == UNKNOWN:
        return f"{head} Unknown: {' '.join(card['unanswered'])}"
    if card["loop_seconds"] is None:
        bound = "Even with" if card["verdict"] == OVER else "Even without"
        return f"{head} {bound} an index at {card['rows']:,} rows it is {card['verdict']} {limit}."
    told = scale.beyond(card["index"], card["rows"])
    measured = f" ({told:,.3g} times beyond the sizes that were measured)" if told > 1 else ""
    index = {"none": "no index serves", "partly": "an index partly serves"}
    return (
        f"{head} At {card['rows']:,} rows{measured} "
        f"{index.get(card['index'], 'an index serves')} {worst}: "
        f"{card['query_ms']:,.3g} ms, {card['loop_seconds']:,.3g} s a loop, "
        f"{card['verdict']} {limit}."
    )


def _time(ms: float) -> str:
    return f"{ms / MS:,.3g} s" if ms >= MS else f"{ms:,.3g} ms"

"""Queries that a function asks as of a commit, itself or one call away, and what indexes serve."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from workbench.analysis.standing_views import indexes_as_of, inside
from workbench.domain.histories import some_rows
from workbench.domain.tables import table

Frames = Mapping[str, pl.DataFrame]
LINE = ["repository", "pair"]
SELF = ("self", "cls")
STANDING_QUERIES = table(
    "standing_queries",
    {
        "sha": (pl.String, "the commit"),
        "name": (pl.String, "dotted function that was asked about"),
        "asked_in": (pl.String, "dotted function that the query stands in: it, or one it calls"),
        "path": (pl.String, "file of the query"),
        "model": (pl.String, "model that it filters; null where none is readable"),
        "filters": (pl.List(pl.String), "columns of that model that it compares"),
        "ordered_by": (pl.List(pl.String), "columns of that model that it orders by"),
        "limited": (pl.Boolean, "it wants the first rows only"),
        "index": (pl.String, "covers, partly, none; unknown where the model declares nothing"),
        "index_columns": (pl.List(pl.String), "the index that serves it best; null without"),
    },
)


def standing_queries(names: pl.DataFrame, history: Frames) -> pl.DataFrame:
    """Find the queries that functions ask after a commit, and whether an index serves each.

    An index covers a query when it begins with columns that the query compares and goes on, if
    the query wants the first rows of an order, with what it is ordered by. Without the latter it
    serves it partly: a planner may prefer to walk the order and throw rows away. A foreign key is
    no index: PostgreSQL makes none for it.

    Parameters
    ----------
    names : polars.DataFrame
        ``sha, name``: commits and dotted functions.
    history : mapping
        Frames by name, as a :class:`~workbench.domain.histories.History` has them.

    Returns
    -------
    polars.DataFrame
        As :data:`STANDING_QUERIES` declares; functions without a readable query have no row.
    """
    asked = (
        history["commits"]
        .join(names.select("sha", "name").unique(), on="sha")
        .select(
            "sha",
            "name",
            "repository",
            pl.col("position").cast(pl.Int64),
            pair=pl.when(pl.col("repository_kind") == "release").then("commit_id"),
        )
    )
    if asked.is_empty():
        return STANDING_QUERIES.empty()
    queries = _placed(history, "fact_queries").with_columns(in_order=pl.col("ordered_by"))
    itself = _then(asked.with_columns(wanted="name"), queries, on=["dotted"], by=["wanted"])
    called = _called(asked, history)
    members = queries.filter(pl.col("holder") != "")
    found = pl.concat(
        [
            itself,
            _then(called, members, on=["holder", "member"], by=["called_on", "called"]),
            _then(called, queries, on=["module", "local"], by=["own_module", "called_plainly"]),
        ],
        how="diagonal",
    ).unique(["sha", "name", "dotted", "path", "line"], maintain_order=True)
    made = found.with_columns(_columns_of("filters"), _columns_of("in_order")).with_columns(
        model=_model()
    )
    served = _served(made.with_row_index("query"), indexes_as_of(history))
    return STANDING_QUERIES.check(
        served.select(
            "sha",
            "name",
            "path",
            "model",
            "filters",
            "limited",
            "index",
            "index_columns",
            asked_in="dotted",
            ordered_by="in_order",
        )
        .select(list(STANDING_QUERIES.columns))
        .sort("sha", "name", "asked_in", "path", maintain_order=True)
    )


def _placed(history: Frames, facts: str, modules: pl.Series | None = None) -> pl.DataFrame:
    """Facts with the dotted name they stand in, and while which commits they stood."""
    if modules is None:
        rows = history[facts]
        spans = some_rows(
            history, "segment_spans", column="segment_id", values=rows["segment_id"].unique()
        )
    else:
        spans = some_rows(history, "segment_spans", column="module", values=modules)
        rows = some_rows(history, facts, column="segment_id", values=spans["segment_id"].unique())
    named = spans.drop("line").join(rows.rename({"qualname": "local"}), on="segment_id")
    return named.with_columns(qualname=inside()).with_columns(
        dotted=pl.concat_str("module", pl.lit("."), "qualname"),
        holder=pl.col("qualname").str.extract(r"(?:^|\.)(\w+)\.\w+$").fill_null(""),
        member=pl.col("qualname").str.extract(r"(\w+)$"),
    )


def _then(
    asked: pl.DataFrame, placed: pl.DataFrame, *, on: list[str], by: list[str]
) -> pl.DataFrame:
    """Facts that stood at the commit under the names that are asked for."""
    both = asked.join(
        placed,
        left_on=["repository", "pair", *by],
        right_on=["repository", "pair", *on],
        nulls_equal=True,
        coalesce=False,
    ).filter(
        pl.col("since_position") <= pl.col("position"),
        pl.col("until_position").is_null() | (pl.col("until_position") > pl.col("position")),
        *(pl.col(name).is_not_null() for name in by),
    )
    return both.select(
        "sha",
        "name",
        "repository",
        "pair",
        "position",
        "dotted",
        "path",
        "line",
        "tables",
        "filters",
        "in_order",
        "limited",
        "holder",
    )


def _called(asked: pl.DataFrame, history: Frames) -> pl.DataFrame:
    """What the asked functions call: members of a class by name, or functions beside them."""
    above = pl.col("name").str.replace(r"\.\w+$", "")
    modules = pl.concat([asked.select(m=above), asked.select(m=above.str.replace(r"\.\w+$", ""))])
    calls = _placed(history, "fact_calls", modules["m"].unique())
    here = asked.join(
        calls,
        left_on=["repository", "pair", "name"],
        right_on=["repository", "pair", "dotted"],
        nulls_equal=True,
    ).filter(
        pl.col("since_position") <= pl.col("position"),
        pl.col("until_position").is_null() | (pl.col("until_position") > pl.col("position")),
    )
    on = pl.col("callee").str.extract(r"(\w+)\.\w+$")
    member = pl.col("callee").str.extract(r"\.(\w+)$")
    return here.select(
        "sha",
        "name",
        "repository",
        "pair",
        "position",
        own_module="module",
        called_on=pl.when(on.is_in(SELF)).then(pl.col("holder")).otherwise(on),
        called=member,
        called_plainly=pl.col("callee").str.extract(r"^(\w+)$"),
    ).unique()


def _columns_of(name: str) -> pl.Expr:
    """Column names in expressions like ``Model.column.desc()``."""
    found = pl.col(name).list.join(" ").str.extract_all(r"\b\w+\.(\w+)\b")
    last = found.list.eval(pl.element().str.extract(r"\.(\w+)$"))
    words = ("desc", "asc", "in_", "is_", "nulls_first", "nulls_last")
    kept = last.list.eval(pl.element().filter(~pl.element().is_in(words)))
    return kept.list.unique(maintain_order=True).fill_null([]).alias(name)


def _model() -> pl.Expr:
    """The one model that is read; ``cls`` is the class around the query."""
    first = pl.col("tables").list.get(0, null_on_oob=True).str.extract(r"(\w+)$")
    named = pl.when(first.is_in(SELF)).then(pl.col("holder")).otherwise(first)
    return pl.when(named != "").then(named)


def _served(queries: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    """Each query with the index that serves it best, as of its commit."""
    known = queries.join(
        standing.select(
            *LINE[:1],
            "since_position",
            "until_position",
            "declared",
            "column_names",
            model=pl.col("qualname").str.extract(r"(\w+)$"),
        ),
        on=["repository", "model"],
        how="left",
    ).filter(
        pl.col("since_position").is_null()
        | (
            (pl.col("since_position") <= pl.col("position"))
            & (pl.col("until_position").is_null() | (pl.col("until_position") > pl.col("position")))
        )
    )
    begins = pl.col("column_names").list.get(0, null_on_oob=True).is_in(pl.col("filters"))
    is_index = pl.col("declared") != "foreign-key"
    rest = pl.col("column_names").list.set_difference("filters")
    ends = rest.list.get(0, null_on_oob=True).is_in(pl.col("in_order")).fill_null(value=False)
    ordered = pl.col("in_order").list.len() > 0
    # what another function builds may be limited by whoever asks for it
    first_wanted = pl.col("limited") | (pl.col("dotted") != pl.col("name"))
    whole = ~(ordered & first_wanted) | ends
    rank = (
        pl.when(pl.col("declared").is_null())
        .then(0)
        .when(is_index & begins & whole)
        .then(3)
        .when(is_index & begins)
        .then(2)
        .otherwise(1)
    )
    best = (
        known.with_columns(rank=rank)
        .sort("query", "rank", descending=[False, True], maintain_order=True)
        .unique("query", keep="first", maintain_order=True)
    )
    grade = pl.col("rank").replace_strict({0: "unknown", 1: "none", 2: "partly", 3: "covers"})
    kept = best.select(
        "query", index=grade, index_columns=pl.when(pl.col("rank") > 1).then("column_names")
    )
    return queries.join(kept, on="query", how="left").with_columns(
        index=pl.when(pl.col("filters").list.len() == 0)
        .then(pl.lit("unknown"))
        .otherwise(pl.col("index").fill_null("unknown"))
    )

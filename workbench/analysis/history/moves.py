"""Recognises definitions across a change: kept by their name, renamed or moved by their body."""

from __future__ import annotations

import polars as pl

from workbench.analysis.history.located import AFTER, BEFORE
from workbench.analysis.history.matching import best_pairs, paired_by, paired_in_turn, without

SKETCH = 16  # line checksums kept of a body
TINY_LINES = 3  # a body below this says too little: its name has to be the same
SAME_NAME, OTHER_NAME = 0.5, 0.6  # similarity from which two bodies are one, by their name
CLASS_SAME_NAME, CLASS_OTHER_NAME = 0.4, 0.6
MOST_SHARED = 8  # a line that more bodies of a commit have than this tells none of them apart
MOST_NAMESAKES = 20

OWN_NAME = pl.col("qualname").str.extract(r"([^.]*)$", 1).alias("own_name")
# Only the same sort of thing is compared; class attributes follow their class.
SORT = (
    pl.when(pl.col("kind") == "class")
    .then(pl.lit("class"))
    .when(pl.col("kind").is_in(["function", "method"]))
    .then(pl.lit("function"))
    .otherwise(pl.col("kind"))
)


def definition_pairs(definitions: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Pair definitions before and after a change that are the same thing.

    Parameters
    ----------
    definitions, facts : polars.DataFrame
        Located and prepared facts of the ``definitions`` family.

    Returns
    -------
    polars.DataFrame
        ``before`` and ``after``, rows of the definitions.
    """
    slim = (
        definitions.select(
            *("row", "commit_id", "change_id", "side", "module", "qualname", "scope"),
            # Made public or private, it still has its name.
            pl.col("qualname").str.extract(r"_*([^.]*)$", 1).alias("name"),
            # Of several definitions of one name (a property's), each has its own counterpart.
            pl.struct("change_id", "qualname", "same").hash().alias("exact"),
            pl.struct("change_id", "qualname").hash().alias("place"),
            pl.struct("commit_id", "module", "qualname").hash().alias("dotted"),
        )
        .hstack(facts.select("kind", "lines", "body_digest", "sketch")[definitions["fact"]])
        .with_columns(sort=SORT)
    )
    before, after = slim.filter(side=BEFORE), slim.filter(side=AFTER)
    # The last key finds a file that git did not see as renamed and whose module stays the same.
    pairs = paired_in_turn(before, after, ["exact", "place", "dotted"]).drop("key")
    before, after = _left(before, after, pairs)
    if before.is_empty() or after.is_empty():
        return pairs
    for sort, members in (("class", slim), ("function", None), ("constant", None)):
        candidates = _candidates(
            _sketched(before.filter(sort=sort), members),
            _sketched(after.filter(sort=sort), members),
        )
        found = best_pairs(candidates)
        before, after = _left(before, after, found)
        pairs = pl.concat([pairs, found, _members(before, after, found, slim)])
        before, after = _left(before, after, pairs)
    return pairs


def _left(
    before: pl.DataFrame, after: pl.DataFrame, pairs: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    return without(before, pairs, "before"), without(after, pairs, "after")


def _members(
    before: pl.DataFrame, after: pl.DataFrame, scopes: pl.DataFrame, every: pl.DataFrame
) -> pl.DataFrame:
    """Pair what stands under the same name in paired scopes, level by level."""
    found = [scopes.clear()]
    place = every.select("row", "change_id", scope="qualname")
    there = every.select("row", to_change="change_id", to_scope="qualname")
    while not scopes.is_empty():
        leads = (
            scopes.join(place, left_on="before", right_on="row")
            .join(there, left_on="after", right_on="row")
            # A class that is defined twice has its members under one name.
            .unique(["change_id", "scope"], keep="first", maintain_order=True)
        )
        inside = before.join(leads, on=["change_id", "scope"])
        moved = inside.select("row", key=pl.struct("to_change", "to_scope", OWN_NAME).hash())
        stood = after.select("row", key=pl.struct("change_id", "scope", OWN_NAME).hash())
        scopes = paired_by(moved, stood, "key")
        found.append(scopes)
    return pl.concat(found)


def _sketched(rows: pl.DataFrame, members: pl.DataFrame | None) -> pl.DataFrame:
    """Rows with the sketch to compare; a class has that of its members too."""
    if members is None or rows.is_empty():
        return rows
    place = ["change_id", "side", "scope"]
    inside = members.group_by(place).agg(
        pl.col("sketch").list.explode().unique().alias("inside"),
        pl.col("lines").sum().alias("inside_lines"),
    )
    joined = rows.join(
        inside, left_on=["change_id", "side", "qualname"], right_on=place, how="left"
    )
    union = pl.col("sketch").list.set_union(pl.col("inside").fill_null([]))
    return joined.with_columns(
        sketch=union.list.sort().list.head(SKETCH),
        lines=pl.col("lines") + pl.col("inside_lines").fill_null(0),
    ).select(rows.columns)


def _candidates(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Pairs of one commit that are alike enough, with a score."""
    found = [_alike(before, after, by) for by in ("body", "line", "name")]
    columns = ["row", "change_id", "module", "name", "lines", "body_digest", "sketch", "sort"]
    both = (
        pl.concat(found)
        .unique()
        .join(before.select(columns), left_on="before", right_on="row")
        .join(after.select(columns), left_on="after", right_on="row", suffix="_after")
    )
    smallest = pl.col("sketch").list.set_union("sketch_after").list.sort().list.head(SKETCH)
    shared = smallest.list.set_intersection("sketch").list.set_intersection("sketch_after")
    # Two empty bodies are alike as far as can be seen.
    alike = (shared.list.len() / smallest.list.len()).fill_nan(1.0).fill_null(1.0)
    same_name = pl.col("name") == pl.col("name_after")
    same_body = pl.col("body_digest") == pl.col("body_digest_after")
    tiny = pl.min_horizontal("lines", "lines_after") < TINY_LINES
    is_class = pl.col("sort") == "class"
    needed = (
        pl.when(same_name & is_class)
        .then(CLASS_SAME_NAME)
        .when(same_name)
        .then(SAME_NAME)
        .when(is_class)
        .then(CLASS_OTHER_NAME)
        .otherwise(OTHER_NAME)
    )
    # A class is alike by its members: the digest is of its head alone.
    enough = (
        pl.when(tiny | (pl.col("sort") == "constant"))
        .then(same_name & same_body)
        .when(is_class)
        .then(alike >= needed)
        .otherwise(same_body | (alike >= needed))
    )
    bonus = (
        same_body.cast(pl.Float64)
        + 0.5 * same_name.cast(pl.Float64)
        + 0.25 * (pl.col("module") == pl.col("module_after")).fill_null(value=False)
    )
    return both.filter(enough).select("before", "after", score=alike + bonus)


def _alike(before: pl.DataFrame, after: pl.DataFrame, by: str) -> pl.DataFrame:
    """Pairs of one commit that share a body, a telling line, or a name."""
    key = {"body": "body_digest", "line": "sketch", "name": "name"}[by]
    columns = ["commit_id", key]
    left, right = before.select("row", *columns), after.select("row", *columns)
    if by == "line":
        left, right = left.explode(key), right.explode(key)
    most = MOST_SHARED if by == "line" else MOST_NAMESAKES
    left, right = (
        side.drop_nulls().filter(pl.len().over(columns) <= most) for side in (left, right)
    )
    pairs = left.join(right, on=columns, suffix="_after")
    return pairs.select(before="row", after="row_after").unique()

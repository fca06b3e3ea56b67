"""How a changed name stands in quotes: its old value, its column and table, its option."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from workbench.domain.tables import Table, table

Frames = Mapping[str, pl.DataFrame]

TARGETS = ("literal:", "table:", "config:")
"""How the target of a call site begins that is a text."""
STRING_NAMES: Table = table(
    "string_names",
    {
        "sha": (pl.String, "upstream commit"),
        "name": (pl.String, "dotted name that a hit is on"),
        "alias": (pl.String, "literal:text, table:name, table:name.column, config:section.option"),
        "gone": (pl.Boolean, "nothing answers to the text any more"),
        "old": (pl.String, "what it was: the text; of a column its type; of an option its default"),
        "new": (pl.String, "the same after the commit; of an option the other section; or null"),
        "path": (pl.String, "upstream file"),
        "line": (pl.UInt32, "line on `side`"),
        "side": (pl.String, "before or after"),
    },
)
_KEY = ["sha", "name", "alias"]


def string_names(hits: pl.DataFrame, history: Frames) -> pl.DataFrame:
    """Tell by which texts the names of hits stand in other people's code.

    Parameters
    ----------
    hits : polars.DataFrame
        As declared in :data:`workbench.domain.frames.HITS`.
    history : mapping
        Frames by name: deltas of literals, columns and options.

    Returns
    -------
    polars.DataFrame
        As :data:`STRING_NAMES` declares, one row for each commit, name and text. A text that
        stands for the same after the commit has none.
    """
    names = (
        hits.select("sha", name=pl.concat_list("names", "qualname"))
        .explode("name", empty_as_null=False)
        .unique()
    )
    touched = (
        history["commits"]
        .select("sha", "commit_id")
        .join(names.select("sha").unique(), on="sha", how="semi")
        .join(history["file_changes"], on="commit_id")
        .select("sha", "change_id", "old_path", new_path="path")
    )
    made = [
        read(history[f"{family}_deltas"].join(touched, on="change_id"))
        for family, read in (("literals", _literals), ("columns", _columns), ("options", _options))
    ]
    columns = [*_KEY, "gone", "old", "new", "path", "line", "side"]
    where = pl.when(pl.col("side") == "before").then("old_path").otherwise("new_path")
    rows = pl.concat(rows.with_columns(path=where).select(columns) for rows in made)
    return STRING_NAMES.check(
        rows.drop_nulls("alias")
        .join(names, on=["sha", "name"], how="semi")
        .sort(*_KEY, "gone", "path", "line", descending=[False] * 3 + [True] + [False] * 2)
        .unique(_KEY, keep="first", maintain_order=True)
    )


def _literals(rows: pl.DataFrame) -> pl.DataFrame:
    """A value that is another one now, or gone, under the name that holds it."""
    text = r"""\A[bru]*["'](.{2,})["']\z"""
    old, new = (pl.col(s).struct.field("value").str.extract(text) for s in ("before", "after"))
    name = pl.col("before").struct.field("name")
    return (
        rows.filter(pl.col("before").is_not_null())
        .with_columns(old=old, new=new, gone=pl.lit(value=True))
        .filter(pl.col("old").is_not_null(), pl.col("old").ne_missing(pl.col("new")))
        .with_columns(
            name=_dotted("before_module", "module", "before_qualname", "qualname", name),
            alias=pl.lit("literal:") + pl.col("old"),
        )
    )


def _columns(rows: pl.DataFrame) -> pl.DataFrame:
    """A column that is gone or holds something else, and a table that no model declares."""
    was, now = pl.col("before").struct, pl.col("after").struct
    told = rows.with_columns(
        table=was.field("table_name"),
        column=was.field("name"),
        old=_held("before"),
        new=pl.when(pl.col("after").is_not_null()).then(_held("after")),
        still=now.field("table_name") + "." + now.field("name"),
    )
    stays = told.select("sha", still="still").drop_nulls().unique()
    tables = told.select("sha", table=now.field("table_name")).drop_nulls().unique()
    models = told.filter(was.field("declared") == "model", pl.col("table").is_not_null())
    models = models.with_columns(still=pl.col("table") + "." + pl.col("column"))
    lost = models.join(stays, on=["sha", "still"], how="anti").with_columns(
        gone=pl.lit(value=True), new=pl.lit(None, pl.String)
    )
    other = models.filter(
        pl.col("after").is_not_null(),
        pl.col("old") != pl.col("new"),
        now.field("table_name") == pl.col("table"),
        now.field("name") == pl.col("column"),
    ).with_columns(gone=pl.lit(value=False))
    both = pl.concat([lost, other]).with_columns(
        alias="table:" + pl.col("still").str.to_lowercase()
    )
    inside = ("before_module", "module", "before_qualname", "qualname")
    spelled = [
        both.with_columns(name=_dotted(*inside, was.field("attribute"))),
        both.with_columns(name=_dotted(*inside, was.field("name"))),
        both.with_columns(name=pl.col("still")),
    ]
    whole = (
        lost.filter(scope_change="removed")
        .join(tables, on=["sha", "table"], how="anti")
        .with_columns(
            name=_dotted(*inside, pl.lit(None, pl.String)),
            alias="table:" + pl.col("table").str.to_lowercase(),
            old=pl.lit(None, pl.String),
        )
    )
    return pl.concat([*spelled, whole], how="diagonal")


def _held(side: str) -> pl.Expr:
    """What a column holds, in words."""
    fact = pl.col(side).struct
    length = pl.format("({})", fact.field("length"))
    void = pl.when(fact.field("nullable")).then(pl.lit("NULL")).otherwise(pl.lit("NOT NULL"))
    kind = fact.field("type").fill_null("?") + length.fill_null("")
    return kind + " " + void


def _options(rows: pl.DataFrame) -> pl.DataFrame:
    """A declared option that is gone, stands in another section or has another default."""
    declared = rows.filter(
        pl.coalesce(*(pl.col(s).struct.field("kind") for s in ("before", "after"))) == "declared"
    )
    was, now = pl.col("before").struct, pl.col("after").struct
    others = (
        declared.filter(change="added")
        .group_by("sha", option=now.field("option"))
        .agg(section=now.field("section").min())
    )
    name = was.field("section") + "." + was.field("option")
    told = (
        declared.filter(pl.col("before").is_not_null())
        .with_columns(option=was.field("option"), name=name)
        .with_columns(alias="config:" + pl.col("name").str.to_lowercase())
        .join(others, on=["sha", "option"], how="left")
    )
    here = (was.field("section") == now.field("section")) & (
        was.field("option") == now.field("option")
    )
    return told.with_columns(
        gone=pl.col("after").is_null() | ~here,
        old=was.field("default").fill_null("nothing"),
        new=pl.when(pl.col("after").is_null())
        .then("section")
        .otherwise(now.field("default").fill_null("nothing")),
    ).filter(pl.col("gone") | (pl.col("old") != pl.col("new")))


def _dotted(module: str, module_now: str, inside: str, inside_now: str, own: pl.Expr) -> pl.Expr:
    """The dotted name that a fact had."""
    parts = pl.coalesce(module, module_now), pl.coalesce(inside, inside_now), own
    return pl.concat_str(
        *(pl.when(part != "").then(part) for part in parts), separator=".", ignore_nulls=True
    )

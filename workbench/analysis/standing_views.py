"""What stood at each commit, as views: indexes by their time, both sides of each touched file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from workbench.analysis.relative_names import absolute
from workbench.domain.histories import some_rows
from workbench.domain.standing import (
    COLUMNS_AS_OF,
    INDEXES_AS_OF,
    RELATIONSHIPS_AS_OF,
    SIDE_TABLES,
)
from workbench.domain.tables import Table

Frames = Mapping[str, pl.DataFrame]
Facts = Callable[[str], pl.DataFrame]
LINE = ["repository", "pair"]
COMMITS_A_STEP = 1000
"""Bounds what a join of changes and spans may hold at once."""
FEW_SEGMENTS = 10_000
"""The facts of no more are looked up; those of more are all at hand sooner."""


def indexes_as_of(history: Frames) -> pl.DataFrame:
    """Tell which indexes and keys models declared, and in which commits.

    Migrations are left out: they say how a schema came to be, models say what it is.

    Parameters
    ----------
    history : mapping
        Frames by name; commits before the span count.

    Returns
    -------
    polars.DataFrame
        As :data:`~workbench.domain.standing.INDEXES_AS_OF` declares.
    """
    order = ("table_name", "column_names")
    return _of_models(history, INDEXES_AS_OF, facts=history["fact_indexes"], order=order)


def columns_as_of(history: Frames) -> pl.DataFrame:
    """Tell which columns models declared, and in which commits; migrations are left out.

    Parameters
    ----------
    history : mapping
        Frames by name; commits before the span count.
    """
    facts = history["fact_columns"].filter(declared="model")
    return _of_models(history, COLUMNS_AS_OF, facts=facts, order=("table_name", "name"))


def relationships_as_of(history: Frames) -> pl.DataFrame:
    """Tell which relationships models declared, and in which commits.

    Parameters
    ----------
    history : mapping
        Frames by name; commits before the span count.
    """
    facts = history["fact_relationships"]
    return _of_models(history, RELATIONSHIPS_AS_OF, facts=facts, order=("qualname", "name"))


def _of_models(
    history: Frames, table: Table, *, facts: pl.DataFrame, order: tuple[str, ...]
) -> pl.DataFrame:
    """Facts with the commits between which they stood, those in files of migrations left out."""
    segments = pl.concat([facts["segment_id"], history["fact_migrations"]["segment_id"]]).unique()
    spans = some_rows(history, "segment_spans", column="segment_id", values=segments)
    migrations = spans.join(history["fact_migrations"], on="segment_id", how="semi")
    return table.check(
        spans.join(migrations, on=[*LINE, "path"], how="anti", nulls_equal=True)
        .join(facts.rename({"qualname": "local", "line": "offset"}), on="segment_id")
        .with_columns(qualname=inside())
        .sort("repository", *order, "since_position", "path")
        .select(list(table.columns))
    )


def inside() -> pl.Expr:
    """The qualname of a fact inside its module, from ``owner`` and ``local``."""
    within = pl.when(pl.col("owner") == "").then(pl.col("local"))
    named = within.when(pl.col("local") == "").then(pl.col("owner"))
    return named.otherwise(pl.concat_str("owner", pl.lit("."), "local"))


def side_view(history: Frames, *, name: str) -> pl.DataFrame:
    """Tell all that one side of each touched file held, whether it changed or not.

    Parameters
    ----------
    history : mapping
        Frames by name; only changes of its ``commits`` are looked at.
    name : str
        One of :data:`~workbench.domain.standing.SIDE_TABLES`.
    """
    family, _, side = name.rpartition("_")
    made = {"exports": _exports, "definitions": _definitions, "imports": _imports}[family]
    table = SIDE_TABLES[name]
    found = _placed(history, side)
    facts = _facts_of(history, found)
    steps = [made(facts, placed).select(list(table.columns)) for placed in found]
    return table.check(pl.concat([table.empty(), *steps])).sort("change_id", maintain_order=True)


def _facts_of(history: Frames, found: list[pl.DataFrame]) -> Facts:
    """Name of a frame of facts -> at least those of the segments that were found."""
    held = [placed["segment_id"] for placed in found]
    segments = pl.concat(held).unique() if held else pl.Series(dtype=pl.UInt64)
    if len(segments) > FEW_SEGMENTS:
        return history.__getitem__
    return lambda name: some_rows(history, name, column="segment_id", values=segments)


def _placed(history: Frames, side: str) -> list[pl.DataFrame]:
    """Segments that stood on a side of each change, some commits at a time."""
    path, blob = ("old_path", "old_blob") if side == "before" else ("path", "new_blob")
    commits = history["commits"].select(
        "commit_id",
        "repository",
        pair=pl.when(pl.col("repository_kind") == "release").then("commit_id"),
        at=pl.col("position").cast(pl.Int64) - int(side == "before"),
    )
    changes = (
        history["file_changes"]
        .filter(pl.col(blob).is_not_null())
        .select("change_id", "commit_id", path=path)
        .join(commits, on="commit_id")
        .sort("at")
    )
    spans = some_rows(history, "segment_spans", column="path", values=changes["path"].unique())
    steps = changes.with_columns(step=pl.col("commit_id").rank("dense") // COMMITS_A_STEP)
    found = []
    for _, step in steps.partition_by("step", as_dict=True, include_key=False).items():
        first, last = step["at"].min(), step["at"].max()
        near = spans.filter(
            pl.col("since_position") <= last,
            pl.col("until_position").is_null() | (pl.col("until_position") > first),
        )
        found.append(
            step.join(near, on=[*LINE, "path"], nulls_equal=True)
            .filter(
                pl.col("since_position") <= pl.col("at"),
                pl.col("until_position").is_null() | (pl.col("until_position") > pl.col("at")),
            )
            .select("change_id", "path", "module", "owner", "segment_id", "line")
        )
    return found


def _package() -> pl.Expr:
    is_package = pl.col("path").str.contains(r"(^|/)__init__\.py$")
    above = pl.col("module").str.replace(r"\.?[^.]*$", "")
    return pl.when(is_package).then("module").otherwise(above)


def _resolved(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """The rows with leading dots resolved: each distinct one once, since most have none."""
    dotted = pl.col(name).str.starts_with(".").fill_null(value=False)
    package = _package().alias("package")
    here = rows.filter(dotted).with_columns(package)
    names = here.select(name, "package").unique()
    names = names.with_columns(full=absolute(pl.col(name), pl.col("package")))
    solved = here.join(names, on=[name, "package"]).with_columns(pl.col("full").alias(name))
    return pl.concat([rows.filter(~dotted), solved.select(rows.columns)])


def _exports(facts: Facts, placed: pl.DataFrame) -> pl.DataFrame:
    told = facts("fact_exports").select("segment_id", "name", "how", "target")
    stars = (
        facts("fact_imports")
        .filter(name="*")
        .select("segment_id", "name", how=pl.lit("star"), target="module")
    )
    named = placed.join(pl.concat([told, stars]), on="segment_id")
    return _resolved(named, "target")


def _definitions(facts: Facts, placed: pl.DataFrame) -> pl.DataFrame:
    told = facts("fact_definitions").rename({"qualname": "local", "line": "offset"})
    return placed.join(told, on="segment_id").with_columns(
        qualname=inside(), line=(pl.col("line") + pl.col("offset")).cast(pl.UInt32)
    )


def _imports(facts: Facts, placed: pl.DataFrame) -> pl.DataFrame:
    told = facts("fact_imports").drop("line", "qualname").rename({"module": "imported"})
    return _resolved(placed.join(told, on="segment_id"), "imported")

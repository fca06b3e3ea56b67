"""Facts at their places: each joined to its file change, side, module, scope and line."""

from __future__ import annotations

import polars as pl

from workbench.domain.facts import FactFamily

# What stands in front of a family's own columns in a located frame.
PLACE = ("row", "commit_id", "change_id", "side", "module", "qualname", "scope", "line")


def located(
    family: FactFamily,
    facts: pl.DataFrame,
    *,
    segments: pl.DataFrame,
) -> pl.DataFrame:
    """Give every fact its place.

    Parameters
    ----------
    family : FactFamily
        The family that the facts belong to.
    facts : polars.DataFrame
        Raw facts by segment.
    segments : polars.DataFrame
        ``change_segments`` of changes that parse, with ``commit_id``, ``module`` of the side and
        ``package``, the package that its relative imports start from.

    Returns
    -------
    polars.DataFrame
        The columns in :data:`PLACE` and the family's own, in the order of change, side and line.
        ``scope`` is the qualname of the function or class around the fact, empty at module level.
    """
    inside = pl.when(pl.col("owner") == "").then(pl.col("qualname"))
    full = (
        inside.when(pl.col("qualname") == "")
        .then(pl.col("owner"))
        .otherwise(pl.concat_str("owner", pl.lit("."), "qualname"))
    )
    placed = (
        segments.join(facts, on="segment_id", how="inner", suffix="_offset")
        .with_columns(
            qualname=full,
            line=(pl.col("line") + pl.col("line_offset")).cast(pl.UInt32),
        )
        .sort("commit_id", "change_id", "side", "line", maintain_order=True)
        .with_row_index("row")
    )
    return placed.with_columns(
        _scope(family).alias("scope"), *_resolved(family)
    ).select(*PLACE, *family.columns)


def _scope(family: FactFamily) -> pl.Expr:
    if not family.named:
        return pl.col("qualname")
    around = pl.col("qualname").str.extract(r"^(.*)\.[^.]*$", 1).fill_null("")
    # A dotted exported name is that of a module below, not of something in a class.
    return pl.lit("") if family.name == "exports" else around


def _resolved(family: FactFamily) -> list[pl.Expr]:
    """Columns whose text depends on where the segment stands."""
    if family.name == "imports":
        return [absolute(pl.col("imported"))]
    return []


def absolute(path: pl.Expr) -> pl.Expr:
    return path

"""Facts at their places: each joined to its commit, change, side, module, scope and line."""

from __future__ import annotations

import polars as pl

from workbench.domain.facts import FactFamily

BEFORE, AFTER = 0, 1
# Fields that hold a path which starts with dots when it is relative to its package.
RELATIVE = {"imports": ("module",), "exports": ("target",)}


def places(
    changes: pl.DataFrame, change_facts: pl.DataFrame, change_segments: pl.DataFrame
) -> pl.DataFrame:
    """Give every segment of a change that parses the commit, module and package of its side.

    ``package`` is where relative imports start from.
    """
    sides = []
    for side, module, path in (
        (BEFORE, "module_before", "old_path"),
        (AFTER, "module_after", "path"),
    ):
        is_package = pl.col(path).str.contains(r"(^|/)__init__\.py$")
        above = pl.col(module).str.replace(r"\.?[^.]*$", "")
        sides.append(
            change_facts.filter(status="ok")
            .join(changes.select("change_id", "commit_id", path), on="change_id")
            .select(
                "commit_id",
                "change_id",
                pl.lit(side, dtype=pl.UInt8).alias("side"),
                pl.col(module).alias("module"),
                pl.when(is_package).then(pl.col(module)).otherwise(above).alias("package"),
            )
        )
    return change_segments.join(pl.concat(sides), on=["change_id", "side"], how="inner")


def located(family: FactFamily, facts: pl.DataFrame, *, segments: pl.DataFrame) -> pl.DataFrame:
    """Give every fact its place.

    Parameters
    ----------
    family : FactFamily
        The family that the facts belong to.
    facts : polars.DataFrame
        Raw facts by segment.
    segments : polars.DataFrame
        As :func:`places` gives them.

    Returns
    -------
    polars.DataFrame
        ``row`` (an index), ``commit_id``, ``change_id``, ``side``, ``module``, ``qualname``,
        ``scope`` (the function or class around the fact, empty at module level), ``line`` and
        ``fact``, a struct of the family's columns; in the order of change, side and line.
    """
    raw = facts.select(
        "segment_id",
        pl.col("qualname").alias("local"),
        pl.col("line").alias("offset"),
        pl.struct(list(family.columns)).alias("fact"),
    )
    qualname = (
        pl.when(pl.col("owner") == "")
        .then(pl.col("local"))
        .when(pl.col("local") == "")
        .then(pl.col("owner"))
        .otherwise(pl.concat_str("owner", pl.lit("."), "local"))
    )
    return (
        segments.join(raw, on="segment_id", how="inner")
        .with_columns(
            qualname=qualname,
            line=(pl.col("line") + pl.col("offset")).cast(pl.UInt32),
        )
        .with_columns(fact=_placed_fact(family), scope=_scope(family))
        .sort("commit_id", "change_id", "side", "line", maintain_order=True)
        .with_row_index("row")
        .select(
            *("row", "commit_id", "change_id", "side", "module", "qualname", "scope", "line"),
            "fact",
        )
    )


def absolute(path: pl.Expr, package: pl.Expr) -> pl.Expr:
    """Resolve the leading dots of a path: one dot is the package, each further one above it."""
    dots = path.str.extract(r"^(\.+)", 1).str.len_chars().fill_null(0).cast(pl.Int64)
    parts = package.str.split(".")
    base = parts.list.head(pl.max_horizontal(parts.list.len().cast(pl.Int64) - dots + 1, 0))
    rest = path.str.strip_chars_start(".")
    joined = pl.concat_str(base.list.join("."), rest, separator=".").str.strip_chars(".")
    return pl.when(dots == 0).then(path).otherwise(joined)


def _scope(family: FactFamily) -> pl.Expr:
    if family.name == "exports":
        return pl.lit("").alias("scope")
    if not family.named:
        return pl.col("qualname").alias("scope")
    return pl.col("qualname").str.extract(r"^(.*)\.[^.]*$", 1).fill_null("").alias("scope")


def _placed_fact(family: FactFamily) -> pl.Expr:
    """The fact, with what the segment alone could not tell."""
    fact = pl.col("fact")
    told = [
        absolute(fact.struct.field(name), pl.col("package")).alias(name)
        for name in RELATIVE.get(family.name, ())
    ]
    if family.name == "definitions":
        owner = pl.col("owner")
        shown = ~owner.str.starts_with("_") | owner.str.contains("^__.*__$")
        told.append((fact.struct.field("public") & shown).alias("public"))
    return fact.struct.with_fields(told) if told else fact

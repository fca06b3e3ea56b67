"""Facts at their places: each joined to its commit, change, side, module, scope and line."""

from __future__ import annotations

import polars as pl

from workbench.analysis.relative_names import absolute
from workbench.domain.facts import FactFamily

BEFORE, AFTER = 0, 1
# Fields that hold a path which starts with dots when it is relative to its package.
RELATIVE = {"imports": "module", "exports": "target"}


def places(
    changes: pl.DataFrame, change_facts: pl.DataFrame, change_segments: pl.DataFrame
) -> pl.DataFrame:
    """Give every segment of a change that parses the commit, module and package of its side.

    ``package`` is where relative imports start from. Rows are in the order of commit, change, side
    and line.
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
    return change_segments.join(pl.concat(sides), on=["change_id", "side"], how="inner").sort(
        "commit_id", "change_id", "side", "line", maintain_order=True
    )


def prepared(family: FactFamily, facts: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """Resolve what is relative and digest each fact, once, before it is placed many times.

    Returns
    -------
    polars.DataFrame
        The family's columns, ``segment_id``, ``local``, ``offset``, ``package`` (null for a fact
        that says the same in any), and two digests: ``key`` of what identifies it inside its
        scope, ``same`` of all that is compared.
    """
    facts = facts.rename({"qualname": "local", "line": "offset"})
    name = RELATIVE.get(family.name)
    if name is None:
        facts = facts.with_columns(package=pl.lit(None, dtype=pl.String))
    else:
        dotted = pl.col(name).str.starts_with(".").fill_null(value=False)
        packages = segments.select("segment_id", "package").unique(maintain_order=True)
        resolved = facts.filter(dotted).join(packages, on="segment_id", maintain_order="left_right")
        facts = pl.concat(
            [
                facts.filter(~dotted).with_columns(package=pl.lit(None, dtype=pl.String)),
                resolved.with_columns(absolute(pl.col(name), pl.col("package")).alias(name)),
            ]
        )
    # A struct of one field digests as any other; the constant keeps an empty key from failing.
    key = pl.struct(pl.lit(0).alias("of"), *family.key).hash()
    same = pl.struct(pl.lit(1).alias("of"), *family.key, *family.compared).hash()
    return facts.with_columns(key=key, same=same)


def located(family: FactFamily, facts: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """Give every fact its place.

    Parameters
    ----------
    family : FactFamily
        The family that the facts belong to.
    facts : polars.DataFrame
        As :func:`prepared` gives them.
    segments : polars.DataFrame
        As :func:`places` gives them, of whole commits.

    Returns
    -------
    polars.DataFrame
        ``row`` and ``fact`` (indexes of itself and of the fact), ``commit_id``, ``change_id``,
        ``side``, ``owner``, ``module``, ``qualname``, ``scope`` (the function or class around the
        fact, empty at module level), ``line``, ``key``, ``same``.
    """
    local = pl.when(pl.col("owner") == "").then(pl.col("local"))
    inside = local.when(pl.col("local") == "").then(pl.col("owner"))
    qualname = inside.otherwise(pl.concat_str("owner", pl.lit("."), "local"))
    slim = facts.select("segment_id", "local", "offset", "package", "key", "same").with_row_index(
        "fact"
    )
    return (
        segments.rename({"package": "in_package"})
        .join(slim, on="segment_id", how="inner", maintain_order="left_right")
        .filter(pl.col("package").is_null() | (pl.col("package") == pl.col("in_package")))
        .with_columns(
            qualname=qualname,
            line=(pl.col("line") + pl.col("offset")).cast(pl.UInt32),
        )
        .with_row_index("row")
        .select(
            *("row", "fact", "commit_id", "change_id", "side", "owner", "module", "qualname"),
            _scope(family),
            *("line", "key", "same"),
        )
    )


def _scope(family: FactFamily) -> pl.Expr:
    if family.name == "exports":
        return pl.lit("").alias("scope")
    if not family.named:
        return pl.col("qualname").alias("scope")
    return pl.col("qualname").str.extract(r"^(.*)\.[^.]*$", 1).fill_null("").alias("scope")

"""Which touched modules a downstream imports, holds imports of, or stands below, and when."""

from __future__ import annotations

import polars as pl

MOMENT = pl.Datetime("us", "UTC")
FIRST, LAST = (pl.lit(v).cast(MOMENT) for v in (-(10**16), 10**17))


def reach_of(modules: pl.Series, imported: pl.DataFrame) -> pl.DataFrame:
    """Tell when each module is near an import.

    A module is near when it is imported, is a package above what is imported, or stands below an
    imported package. ``import airflow`` alone says nothing about the modules below: a top-level
    package counts only for itself.

    Parameters
    ----------
    modules : polars.Series
        Dotted modules.
    imported : polars.DataFrame
        A column ``module``, and maybe ``since_utc`` and ``until_utc`` (null: always, still).

    Returns
    -------
    polars.DataFrame
        ``module, since_utc, until_utc``: spans that do not overlap, half open, without nulls.
    """
    bounds = {
        name: (pl.col(name) if name in imported.columns else pl.lit(None)).cast(MOMENT)
        for name in ("since_utc", "until_utc")
    }
    spans = imported.select(
        name="module",
        since_utc=bounds["since_utc"].fill_null(FIRST),
        until_utc=bounds["until_utc"].fill_null(LAST),
    ).drop_nulls("name")
    touched = modules.drop_nulls().unique().alias("module").to_frame()
    names = spans.select("name").unique()
    below = _with_packages(touched, "module").join(names, left_on="above", right_on="name")
    below = below.filter(
        (pl.col("above") == pl.col("module")) | pl.col("above").str.contains(".", literal=True)
    ).select("module", name="above")
    holding = (
        _with_packages(names, "name")
        .join(touched, left_on="above", right_on="module")
        .select("name", module="above")
        .select("module", "name")
    )
    near = pl.concat([below, holding]).unique()
    return _merged(near.join(spans, on="name").select("module", "since_utc", "until_utc"))


def _with_packages(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Each name with itself and every package above it, as ``above``."""
    parts = pl.col(column).str.split(".")
    return (
        frame.with_columns(depth=pl.int_ranges(1, parts.list.len() + 1))
        .explode("depth")
        .with_columns(above=pl.col(column).str.split(".").list.head(pl.col("depth")).list.join("."))
        .drop("depth")
    )


def _merged(spans: pl.DataFrame) -> pl.DataFrame:
    """Spans of a module that touch or overlap become one."""
    ordered = spans.unique().sort("module", "since_utc", "until_utc")
    reached = pl.col("until_utc").cum_max().shift(1).over("module")
    apart = (pl.col("since_utc") > reached).fill_null(value=True)
    return (
        ordered.with_columns(apart=apart)
        .with_columns(run=pl.col("apart").cum_sum().over("module"))
        .group_by("module", "run", maintain_order=True)
        .agg(pl.col("since_utc").min(), pl.col("until_utc").max())
        .drop("run")
    )

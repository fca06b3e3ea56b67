"""Dotted names that begin with dots, resolved against the package they stand in."""

from __future__ import annotations

import polars as pl


def absolute(path: pl.Expr, package: pl.Expr) -> pl.Expr:
    """Resolve the leading dots of a path: one dot is the package, each further one above it."""
    dots = path.str.extract(r"^(\.*)", 1).str.len_chars().cast(pl.Int64)
    parts = package.str.split(".")
    base = parts.list.head(pl.max_horizontal(parts.list.len().cast(pl.Int64) - dots + 1, 0))
    rest = path.str.strip_chars_start(".")
    joined = pl.concat_str(base.list.join("."), rest, separator=".").str.strip_chars(".")
    return pl.when(dots == 0).then(path).otherwise(joined)

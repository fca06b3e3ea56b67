"""Measured query times: the columns that a cost curve is fitted to."""

from __future__ import annotations

import polars as pl

from workbench.domain.tables import table

MEASUREMENTS = table(
    "measurements",
    {
        "variant": (pl.String, "indexes that the table had: none, plain, composite, ..."),
        "profile": (pl.String, "parameters asked for: miss, recent, old, mixed"),
        "rows": (pl.Int64, "rows in the table"),
        "plan_signature": (pl.String, "shape of the plan; equal plans have equal signatures"),
        "server_ms": (pl.Float64, "milliseconds on the server; null where only a client measures"),
        "client_ms": (pl.Float64, "milliseconds between asking and answer; null if not taken"),
        "repetition": (pl.Int64, "counts from 0 within variant, profile and rows"),
    },
)
"""A lab may measure more; what fits curves reads these columns."""

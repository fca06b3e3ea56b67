"""Which rows of a downstream stood there at a moment: a span is half open, null has no bound."""

from __future__ import annotations

from datetime import datetime

import polars as pl

SINCE, UNTIL = "since_utc", "until_utc"


def stood(moment: pl.Expr) -> pl.Expr:
    """Whether a row with a span stood there at a moment.

    Parameters
    ----------
    moment : polars.Expr
        A moment for each row, for example ``pl.col("committed_utc")`` after a join with commits.

    Returns
    -------
    polars.Expr
        ``since_utc <= moment < until_utc``; a null of the span is no bound.
    """
    came = pl.col(SINCE).is_null() | (pl.col(SINCE) <= moment)
    return came & (pl.col(UNTIL).is_null() | (moment < pl.col(UNTIL)))


def valid_at(spans: pl.DataFrame, moment: datetime | None) -> pl.DataFrame:
    """The rows that stood there at a moment.

    Parameters
    ----------
    spans : polars.DataFrame
        Call sites or imports, with ``since_utc`` and ``until_utc``.
    moment : datetime, optional
        When, with a zone; the newest rows when left out.
    """
    if moment is None:
        return spans.filter(pl.col(UNTIL).is_null())
    return spans.filter(stood(pl.lit(moment)))

"""Spans are half open, and a bound that is null is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from workbench.analysis.history.as_of import stood, valid_at

START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = {"always": (None, None), "gone": (1, 3), "here": (3, None), "once": (None, 1)}


def day(number: int) -> datetime:
    return START + timedelta(days=number)


@pytest.fixture
def spans() -> pl.DataFrame:
    """Four rows: one without bounds, one gone, one still here, one that was there before."""
    rows = [
        {"name": name, "since_utc": None if since is None else day(since)}
        | {"until_utc": None if until is None else day(until)}
        for name, (since, until) in DAYS.items()
    ]
    utc = pl.Datetime("us", "UTC")
    return pl.DataFrame(rows, schema={"name": pl.String, "since_utc": utc, "until_utc": utc})


@pytest.mark.parametrize(
    ("moment", "names"),
    [
        (0, ["always", "once"]),
        (1, ["always", "gone"]),
        (2, ["always", "gone"]),
        (3, ["always", "here"]),
        (99, ["always", "here"]),
        (None, ["always", "here"]),
    ],
)
def test_rows_of_a_moment(spans: pl.DataFrame, moment: int | None, names: list[str]) -> None:
    """The first moment counts, the last no longer does; without a moment the newest rows."""
    found = valid_at(spans, None if moment is None else day(moment))
    assert found["name"].to_list() == names


def test_rows_of_each_commit(spans: pl.DataFrame) -> None:
    """A join with commits asks each row for the commit's own moment."""
    commits = pl.DataFrame({"sha": ["a", "b"], "committed_utc": [day(0), day(3)]})
    typed = commits.with_columns(pl.col("committed_utc").cast(pl.Datetime("us", "UTC")))
    found = typed.join(spans, how="cross").filter(stood(pl.col("committed_utc")))
    assert found.select("sha", "name").rows() == [
        ("a", "always"),
        ("a", "once"),
        ("b", "always"),
        ("b", "here"),
    ]

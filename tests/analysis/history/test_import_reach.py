"""Which touched modules a downstream imports, and when."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from workbench.analysis.history.import_reach import reach_of

JANUARY, MARCH, MAY = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 3, 5))


def imported(*rows: tuple[str | None, datetime | None, datetime | None]) -> pl.DataFrame:
    moment = pl.Datetime("us", "UTC")
    schema = {"module": pl.String, "since_utc": moment, "until_utc": moment}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


@pytest.mark.parametrize(
    ("module", "name", "near"),
    [
        ("airflow.models.dag", "airflow.models.dag", True),
        ("airflow.models", "airflow.models.dag", True),
        ("airflow", "airflow.models.dag", True),
        ("airflow.models.dag", "airflow.models", True),
        ("airflow.models.dag", "airflow", False),
        ("airflow", "airflow", True),
        ("airflow.models.dagrun", "airflow.models.dag", False),
        ("airflow.models.dag", None, False),
    ],
)
def test_a_module_is_near_what_it_holds_and_what_holds_it(
    module: str, name: str | None, near: bool
) -> None:
    """The package above and the module below count; a top-level package only for itself."""
    found = reach_of(pl.Series([module]), imported((name, None, None)))
    assert found["module"].to_list() == ([module] if near else [])


def test_spans_that_touch_become_one() -> None:
    """Two files that import it one after the other make one span; a gap stays one."""
    rows = imported(
        ("a.b", JANUARY, MARCH), ("a.b.c", MARCH, MAY), ("a.x", JANUARY, MARCH), ("a.x", MAY, None)
    )
    found = reach_of(pl.Series(["a.b", "a.x"]), rows)
    told = [(r["module"], r["since_utc"]) for r in found.iter_rows(named=True)]
    assert told == [("a.b", JANUARY), ("a.x", JANUARY), ("a.x", MAY)]
    assert found["until_utc"].to_list()[:2] == [MAY, MARCH]


def test_without_dates_an_import_counts_always() -> None:
    """An import map without dates is valid at any moment."""
    found = reach_of(pl.Series(["a.b"]), pl.DataFrame({"module": ["a.b"]}))
    inside = (found["since_utc"] < JANUARY) & (found["until_utc"] > MAY)
    assert inside.to_list() == [True]

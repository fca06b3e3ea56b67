"""What comes back in a quarter, and how long it waited for somebody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from workbench.analysis.failures.repeats import decision_times, repeats

START = datetime(2026, 1, 1, tzinfo=UTC)


def failed(*days: float, cluster: str = "c1") -> pl.DataFrame:
    rows = [
        {"failure_id": f"{cluster}-{n}", "at_utc": START + timedelta(days=d), "dag_id": f"d{n % 2}",
         "exception": "Timeout", "template": f"{cluster}: waited", "cluster_id": cluster}
        for n, d in enumerate(days)
    ]  # fmt: skip
    return pl.DataFrame(rows)


def words(*said: tuple[str, str, str | None]) -> pl.DataFrame:
    """Failure, who, and what the suggestion came from."""
    rows = [
        {"failure_id": f, "verdict": "resolved", "who": who, "done": "x", "suggested_from": source}
        for f, who, source in said
    ]
    names = ("failure_id", "verdict", "who", "done", "suggested_from")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))


def ranked(frame: pl.DataFrame, said: pl.DataFrame | None = None, **more: Any) -> pl.DataFrame:
    return repeats(frame, frame, words() if said is None else said, **more)


def test_the_sentence_of_a_quarter() -> None:
    """47 times in a quarter, by five people, each time from scratch."""
    frame = failed(*(n * 1.9 for n in range(47)))
    said = words(*((f"c1-{n}", f"p{n % 5}", None) for n in range(47)))
    (got,) = ranked(frame, said).to_dicts()
    assert got["says"] == "47 times in 91 days in 2 DAGs; diagnosed anew 47 times by 5 people"
    assert (got["dag_names"], got["error_class"]) == (["d0", "d1"], "Timeout")


def test_who_was_told_did_not_diagnose_anew() -> None:
    """A fix that came from the memory is no new diagnosis."""
    said = words(("c1-0", "kim", None), ("c1-1", "lou", "c1-0"))
    (got,) = ranked(failed(1, 2, 3), said).to_dicts()
    assert (got["times"], got["decided"], got["anew"], got["people"]) == (3, 2, 1, 2)


def test_what_came_once_does_not_recur_and_the_most_frequent_leads() -> None:
    """Clusters by how often they came back."""
    frame = pl.concat([failed(1, cluster="a"), failed(1, 2, cluster="b"), failed(1, 2, 3)])
    assert ranked(frame)["cluster_id"].to_list() == ["c1", "b"]


def test_a_period_has_a_beginning_and_an_end() -> None:
    """Two days up to the fourth day at midnight; the end itself is outside."""
    frame = failed(0, 1, 2, 2.5, 3)
    (got,) = ranked(frame, until=START + timedelta(days=3), days=2).to_dicts()
    assert (got["times"], got["per_week"]) == (3, 10.5)
    (got,) = ranked(frame, days=2).to_dicts()
    assert got["times"] == 3


def test_nothing_recurs_in_nothing() -> None:
    """No failures, or none with a time."""
    assert ranked(failed(1, 2).clear()).is_empty()


def test_the_time_until_somebody_decided() -> None:
    """The first word counts; one from before the failure is told without a duration."""
    said = pl.DataFrame(
        {
            "failure_id": ["c1-0", "c1-0", "c1-1"],
            "when_utc": [START + timedelta(days=1, hours=h) for h in (5, 2, 0)],
            "verdict": ["edited", "rejected", "novel"],
            "who": ["kim", "lou", "kim"],
        }
    )
    got = decision_times(failed(1, 2, 3), said)
    assert got["seconds"].to_list() == [7200.0, None]
    assert got["verdict"].to_list() == ["rejected", "novel"]

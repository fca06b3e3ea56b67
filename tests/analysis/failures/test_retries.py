"""Retries replayed over history: who would have been rescued, and what the rest would have cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.failures.retries import RetryPolicy, RetryRun, simulate_retries
from workbench.errors import WorkbenchError

START = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = RetryPolicy(retries=3, delay_seconds=300, run_seconds=60)


def failed(*seconds: float, fault: str = "F", **more: list[Any]) -> pl.DataFrame:
    """Failures of one fault at these seconds."""
    at = [START + timedelta(seconds=s) for s in seconds]
    ids = [f"{fault}{n}" for n in range(len(at))]
    return pl.DataFrame({"failure_id": ids, "at_utc": at, "fault": fault, **more})


def row(run: RetryRun) -> dict[str, Any]:
    (only,) = run.faults.to_dicts()
    return only


def test_offsets_back_off_up_to_a_bound() -> None:
    """Each wait twice the last one, never more than the bound; a try takes its own time."""
    policy = RetryPolicy(
        retries=4, delay_seconds=100, backoff=2, most_delay_seconds=300, run_seconds=10
    )
    assert policy.offsets() == [100, 310, 620, 930]


def test_a_fault_that_is_over_is_retried_once() -> None:
    """The only failure: its first retry succeeds, and nobody retries what has succeeded."""
    got = row(simulate_retries(failed(0), POLICY))
    assert (got["rescued"], got["retries"], got["retries_failed"]) == (1, 1, 0)
    assert got["given_up"] == 0


def test_a_fault_that_lasts_eats_the_retries() -> None:
    """Two failures 20 minutes apart: the first one's three retries all fall into the outage."""
    got = row(simulate_retries(failed(0, 1200), POLICY))
    assert (got["failures"], got["episodes"]) == (2, 1)
    assert (got["retries"], got["retries_failed"]) == (4, 3)
    assert (got["rescued"], got["given_up"]) == (1, 1)
    assert got["wasted_seconds"] == 180


def test_an_episode_ends_when_the_fault_stays_away() -> None:
    """Two hours of quiet make two episodes: both failures are rescued at once."""
    got = row(simulate_retries(failed(0, 7200), POLICY))
    assert (got["episodes"], got["rescued"], got["retries_failed"]) == (2, 2, 0)


def test_what_no_retry_mends_only_costs() -> None:
    """A code bug stays: every retry fails, however late."""
    run = simulate_retries(failed(0, 90_000), POLICY, lasting=frozenset({"F"}))
    got = row(run)
    assert (got["rescued"], got["retries_failed"]) == (0, 6)
    assert run.totals["amplification"] == 4.0


def test_the_cascade_is_counted_at_its_height() -> None:
    """Forty tasks fail over ten minutes; eager retries pile up on one another."""
    storm = failed(*(15 * n for n in range(40)))
    eager = RetryPolicy(retries=5, delay_seconds=15, run_seconds=60)
    got = row(simulate_retries(storm, eager))
    assert got["most_failures_at_once"] == 4
    assert got["most_at_once"] > 2 * got["most_failures_at_once"]
    calm = row(simulate_retries(storm, RetryPolicy(retries=1, delay_seconds=900)))
    assert (calm["retries_failed"], calm["rescued"]) == (0, 40)


def test_tries_after_the_first_are_no_failures_of_their_own() -> None:
    """The history's own retries are replaced by the policy; unknown tasks all count."""
    names = {"dag_id": ["d"] * 3, "run_id": ["r"] * 3, "map_index": [-1] * 3}
    known = failed(0, 300, 600, **names, task_id=["t", "t", "u"])
    assert row(simulate_retries(known, POLICY))["failures"] == 2
    unknown = failed(0, 300, 600, **names, task_id=["t", None, None])
    assert row(simulate_retries(unknown, POLICY))["failures"] == 3


def test_faults_are_apart_and_the_worst_comes_first() -> None:
    """One outage does not fail another fault's retries."""
    run = simulate_retries(pl.concat([failed(0, fault="A"), failed(0, 1200, fault="B")]), POLICY)
    assert run.faults["fault"].to_list() == ["B", "A"]
    assert run.totals == {
        "failures": 3, "rescued": 2, "given_up": 1, "retries": 5, "retries_failed": 3,
        "wasted_seconds": 180, "most_at_once": 1, "amplification": pytest.approx(8 / 3),
    }  # fmt: skip


def test_nothing_failed_nothing_happens() -> None:
    """Also with failures that have no time, and with a policy of no retries."""
    undated = failed(0).with_columns(at_utc=pl.lit(None, pl.Datetime("us", "UTC")))
    assert simulate_retries(undated, POLICY).totals["amplification"] == 1.0
    got = row(simulate_retries(failed(0, 10), RetryPolicy(retries=0)))
    assert (got["retries"], got["given_up"]) == (0, 2)


@given(
    st.lists(st.integers(0, 50_000), min_size=1, max_size=30),
    st.integers(0, 5),
    st.integers(1, 5_000),
)
def test_the_counts_add_up(seconds: list[int], retries: int, delay: int) -> None:
    """Rescued and given up are all that failed; a rescue is one retry that did not fail."""
    policy = RetryPolicy(retries=retries, delay_seconds=delay)
    got = row(simulate_retries(failed(*seconds), policy))
    assert got["rescued"] + got["given_up"] == got["failures"] == len(seconds)
    assert got["retries"] == got["retries_failed"] + got["rescued"]
    assert got["retries"] <= retries * len(seconds)


@pytest.mark.parametrize(
    "wrong",
    [{"retries": -1}, {"delay_seconds": 0}, {"backoff": 0.5}, {"run_seconds": float("inf")}],
)
def test_a_policy_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    """Before anything is replayed."""
    with pytest.raises(WorkbenchError):
        RetryPolicy(**wrong)

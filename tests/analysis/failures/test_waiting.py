"""What comes behind a task that is retried: it waits, and is lost when the task is given up."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.failures.test_retries import POLICY, failed, row
from workbench.analysis.failures.retries import RetryPolicy, simulate_retries
from workbench.analysis.failures.waiting import structure_of
from workbench.domain.failures import TASK_DEPENDENCIES

Edges = dict[str, list[str]]
CHAIN: Edges = {"a": ["b"], "b": ["c"], "c": []}


def structure(edges: Edges, **rules: str) -> pl.DataFrame:
    """The dependencies of one DAG."""
    names = sorted({*edges, *(each for after in edges.values() for each in after)})
    return TASK_DEPENDENCIES.frame(
        {"dag_id": "d", "task_id": name, "downstream_task_id": after,
         "trigger_rule": rules.get(name, "all_success")}
        for name in names
        for after in edges.get(name) or [""]
    )  # fmt: skip


def tried(*tasks: str, run: str = "r", gap: float = 7_200) -> pl.DataFrame:
    """These tasks failed in one run, so far apart that each first retry succeeds."""
    count = len(tasks)
    return failed(
        *(gap * n for n in range(count)),
        dag_id=["d"] * count,
        run_id=[run] * count,
        task_id=list(tasks),
        map_index=[-1] * count,
    )


def test_what_comes_behind_waits_for_the_retry() -> None:
    """Two tasks wait 300 seconds and the retry's own 60; nothing is lost."""
    run = simulate_retries(tried("a"), POLICY, dependencies=structure(CHAIN))
    got = row(run)
    assert (got["tasks_held"], got["held_seconds"], got["tasks_lost"]) == (2, 720.0, 0)
    assert run.totals["held_seconds"] == 720.0


def test_what_comes_behind_a_task_that_is_given_up_is_lost() -> None:
    """Three retries that fail keep it waiting first; without a retry it is lost at once."""
    lasting = frozenset({"F"})
    known = structure(CHAIN)
    got = row(simulate_retries(tried("a"), POLICY, lasting=lasting, dependencies=known))
    assert (got["tasks_held"], got["tasks_lost"]) == (2, 2)
    assert got["held_seconds"] == 2 * (3 * 300 + 2 * 60 + 60)
    never = RetryPolicy(retries=0)
    got = row(simulate_retries(tried("a"), never, lasting=lasting, dependencies=known))
    assert (got["tasks_held"], got["held_seconds"], got["tasks_lost"]) == (0, 0.0, 2)


@pytest.mark.parametrize(
    ("rules", "lost"),
    [
        ({}, 2),
        ({"c": "all_done"}, 1),
        ({"b": "all_done"}, 0),
        ({"b": "none_failed_min_one_success"}, 2),
        ({"a": "all_done"}, 2),
    ],
)
def test_a_rule_that_runs_anyway_loses_nothing(rules: dict[str, str], lost: int) -> None:
    """Neither the task itself nor what comes behind it; it waits all the same."""
    got = row(
        simulate_retries(
            tried("a"), POLICY, lasting=frozenset({"F"}), dependencies=structure(CHAIN, **rules)
        )
    )
    assert (got["tasks_held"], got["tasks_lost"]) == (2, lost)


def test_a_task_behind_two_failed_ones_counts_once() -> None:
    """In one run it waits for the later of them; in two runs it is two tasks."""
    known = structure({"a": ["c"], "b": ["c"]})
    got = row(simulate_retries(tried("a", "b"), POLICY, dependencies=known))
    assert (got["failures"], got["tasks_held"], got["held_seconds"]) == (2, 1, 360.0)
    runs = pl.concat([tried("a"), tried("a", run="s")])
    assert row(simulate_retries(runs, POLICY, dependencies=known))["tasks_held"] == 2


def test_a_way_around_decides_whether_a_task_is_lost() -> None:
    """By one way it runs anyway, by the other it is lost: then it is lost."""
    known = structure({"a": ["b", "c"], "b": ["c"], "c": ["e"]}, b="all_done")
    assert structure_of(known).reached((None, "d", "a")) == {"b": False, "c": True, "e": True}


def test_what_is_not_known_is_not_counted() -> None:
    """A DAG without structure, a task without a name: nothing behind them; without any, no word."""
    other = structure(CHAIN).with_columns(dag_id=pl.lit("other"))
    assert row(simulate_retries(tried("a"), POLICY, dependencies=other))["tasks_held"] == 0
    assert row(simulate_retries(failed(0), POLICY, dependencies=other))["tasks_lost"] == 0
    without = simulate_retries(tried("a"), POLICY)
    assert "tasks_held" not in without.totals
    assert "tasks_held" not in without.faults.columns


@given(
    st.dictionaries(
        st.sampled_from("abcdefg"), st.lists(st.sampled_from("abcdefg"), max_size=4), max_size=7
    )
)
def test_any_structure_is_walked_to_its_end(edges: Edges) -> None:
    """Circles included: what is reached is what can be reached, and no task waits for itself."""
    found = structure_of(structure(edges)).reached((None, "d", "a"))
    reached: set[str] = set()
    while grown := {x for y in {"a", *reached} for x in edges.get(y, [])} - reached - {"a"}:
        reached |= grown
    assert set(found) == reached
    assert all(found.values())

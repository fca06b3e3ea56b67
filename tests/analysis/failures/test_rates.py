"""Failures over tries: what is known is counted, what is not known stays unknown."""

from __future__ import annotations

from typing import Any

import polars as pl

from workbench.analysis.failures.rates import with_tries
from workbench.domain.failures import TASK_TRIES

NAMES = {"site": pl.String, "dag_id": pl.String, "run_id": pl.String, "task_id": pl.String,
         "map_index": pl.Int32, "try_number": pl.UInt32}  # fmt: skip


def tries(*states: str | None, **more: Any) -> pl.DataFrame:
    """Tries of one task, numbered from one, as they ended."""
    names = {"dag_id": "sales", "run_id": "r", "task_id": "load", "map_index": -1} | more
    rows = [{**names, "try_number": n, "state": state} for n, state in enumerate(states, start=1)]
    return TASK_TRIES.frame(rows)


def failed(*numbers: int | None, **more: Any) -> pl.DataFrame:
    """Failures of that task: which of its tries."""
    names = {"dag_id": "sales", "run_id": "r", "task_id": "load", "map_index": -1} | more
    rows = [{"site": None, **names, "try_number": n} for n in numbers]
    return pl.DataFrame(rows, schema=NAMES)


def told(failures: pl.DataFrame, known: pl.DataFrame) -> list[tuple[bool, int | None]]:
    return with_tries(failures, known).select("is_known_try", "dag_tries").rows()


def test_tries_that_ended_are_counted() -> None:
    """Skipped, queued and running ones could not fail yet; one that failed all the same counts."""
    known = tries("up_for_retry", "success", "skipped", "queued", "running", None)
    assert told(failed(1), known) == [(True, 2)]
    assert told(failed(1, 4), known) == [(True, 3), (True, 3)]


def test_without_tries_nothing_is_known() -> None:
    """No source told, or only of another DAG: null, not nought."""
    assert told(failed(1), TASK_TRIES.empty()) == [(False, None)]
    assert told(failed(1), tries("failed", dag_id="other")) == [(False, None)]


def test_a_failure_of_another_time_is_no_known_try() -> None:
    """A log of a run that the database has forgotten, or of which nobody knows which it was."""
    assert told(failed(1, run_id="old"), tries("failed", "success")) == [(False, 2)]
    assert told(failed(None), tries("failed", "success")) == [(False, 2)]


def test_installations_are_told_apart() -> None:
    """Runs of two installations have the same names: those of the other are not meant."""
    both = pl.concat([tries("success", site="a"), tries("failed", site="b")])
    assert told(failed(1, site="b"), both) == [(True, 2)]
    assert told(failed(1), both) == [(False, 2)]
    assert told(failed(1, site="a"), tries("failed")) == [(False, 1)]


def test_what_was_told_twice_counts_once() -> None:
    """One try, loaded with a case and alone, and told of by two failures."""
    twice = pl.concat([tries("failed", "success"), tries("failed", "success", case_id="c")])
    assert told(failed(1, 1), twice) == [(True, 2), (False, 2)]
    assert told(failed(1, map_index=None), twice) == [(True, 2)]

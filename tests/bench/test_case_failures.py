"""Failures of a case: every kind of input that tells of them, and those of its hours."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import workbench as wb
from tests.sources.airflow_server import instance
from tests.sources.metadata_tables import sqlite_file
from workbench.bench import open_bench
from workbench.bench.failure_memory import open_desk
from workbench.domain.cases import Case

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
KEY_ERROR = "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'shelf'"


def log_at(folder: Path, hours: float, run: str) -> None:
    """A log of a try that failed so many hours after the incident began."""
    at = (START + timedelta(hours=hours)).isoformat()
    raised = [{"exc_type": "KeyError", "exc_value": "'shelf'", "is_cause": False, "frames": []}]
    words = {"timestamp": at, "level": "error", "event": "Task failed with exception"}
    file = folder / "dag_id=d" / f"run_id={run}" / "task_id=t" / "attempt=1.log"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({**words, "error_detail": raised}) + "\n")


def answers(folder: Path) -> None:
    (folder / "a.json").write_text(json.dumps({"task_instances": [instance(1)]}))


def memory(folder: Path) -> None:
    (folder / "a.yaml").write_text("warehouse:\n- error: it is full\n  decision: RERUN\n")


INPUTS: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "a log tree": ("logs", "failures", lambda folder: log_at(folder / "logs", 1, "r")),
    "saved answers": ("a.json", "failures", answers),
    "a metadata database": ("airflow3.db", "failures", sqlite_file),
    "a memory": ("a.yaml", "memory_entries", memory),
}


def case_of(folder: Path, name: str) -> Path:
    """A case of six hours with one input."""
    lines = ['id = "c"', "started_utc = 2026-03-02T06:00:00Z", "ended_utc = 2026-03-02T12:00:00Z"]
    (folder / "case.toml").write_text("\n".join([*lines, "[inputs]", f'logs = ["{name}"]']))
    return folder


@pytest.mark.parametrize("kind", INPUTS)
def test_whatever_tells_of_failures_may_be_an_input(tmp_path: Path, kind: str) -> None:
    """Under ``logs`` a case may name all that ``load failures`` reads; the rows are the case's."""
    name, table, write = INPUTS[kind]
    write(tmp_path)
    bench = open_bench(tmp_path / "b.duckdb")
    case = bench.load_case(case_of(tmp_path, name))
    rows = bench.table(table, case_id=case.id)
    assert rows.height > 0
    assert rows.height == bench.table(table).height


@pytest.fixture
def hours(tmp_path: Path) -> tuple[wb.Bench, Case]:
    """One failure of the case inside its hours, loaded alone as well; others before, in, after."""
    log_at(tmp_path / "logs", 1, "told-twice")
    log_at(tmp_path / "others", -1, "before")
    log_at(tmp_path / "others", 6, "at-the-end")
    log_at(tmp_path / "others", 6.1, "after")
    bench = open_bench(tmp_path / "b.duckdb")
    case = bench.load_case(case_of(tmp_path, "logs"))
    bench.load(wb.read_failures(tmp_path / "logs"))
    bench.load(wb.read_failures(tmp_path / "others"))
    return bench, case


def test_failures_during_a_case(hours: tuple[wb.Bench, Case]) -> None:
    """From its start to its end, whoever loaded them; what was loaded twice comes once."""
    bench, case = hours
    during = bench.failures(during=case)
    assert during["run_id"].to_list() == ["told-twice", "at-the-end"]
    assert during["case_id"].to_list() == [case.id, None]
    assert len(bench.failures()) == 5
    made = wb.cluster(during)
    assert made.assignments["failure_id"].to_list() == during["failure_id"].to_list()


def test_a_try_loaded_alone_and_in_a_case_is_one_failure(hours: tuple[wb.Bench, Case]) -> None:
    """It is counted once where failures are counted, and one cluster holds it."""
    desk = open_desk(hours[0], model="words")
    assert desk.failures["run_id"].to_list() == ["before", "told-twice", "at-the-end", "after"]
    assert desk.clusters().clusters["failures"].to_list() == [4]

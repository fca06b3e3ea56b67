"""What a listener and a scheduler wrote: failed tries that no task log tells of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sources.task_log_trees import batches, faults, rows
from workbench.sources.failure_inputs import read_input

TASK = {
    "workbench_listener": 1,
    "hook": "task_failed",
    "at": "2026-03-02T04:05:00+00:00",
    "airflow_version": "3.1.8",
    "dag_id": "d",
    "run_id": "r",
    "task_id": "t",
    "map_index": -1,
    "try_number": 1,
}


def write(folder: Path, *values: Any) -> Path:
    """A file of JSON lines."""
    path = folder / "failures.jsonl"
    path.write_text("".join(v if isinstance(v, str) else json.dumps(v) + "\n" for v in values))
    return path


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("Task did not emit heartbeat within time limit", "heartbeat-lost"),
        ("{'DAG Id': 'd', 'Task Id': 't'}", "heartbeat-lost"),
        ("TaskInstance's state was manually set to `failed`.", "set-from-outside"),
        ("Executor X reported that it finished with state failed", "killed"),
    ],
)
def test_a_text_instead_of_an_exception_has_a_kind(tmp_path: Path, error: str, kind: str) -> None:
    """What the scheduler or the server hands over is no exception of the task."""
    (row,) = rows(write(tmp_path, {**TASK, "error": error}))
    assert (row["kind"], row["exception"], row["message"]) == (kind, None, error)


def test_the_same_try_has_one_key_whatever_tells_of_it(tmp_path: Path) -> None:
    """Log, listener and scheduler give one name to one try; another version gives another."""
    heard = rows(write(tmp_path, TASK))[0]["try_key"]
    older = rows(write(tmp_path, {**TASK, "airflow_version": "2.10.5"}))[0]["try_key"]
    assert heard is not None
    assert heard != older


def test_odd_lines_are_rejected_with_their_place(tmp_path: Path) -> None:
    """Broken lines and objects of another kind are named; odd values become nulls."""
    odd = {**TASK, "try_number": "x", "map_index": 2**70, "dag_id": ["d"], "chain": [7, None]}
    (read,) = batches(write(tmp_path, TASK, "{broken\n", {"hook": "other"}, odd))
    assert [place for place, _ in faults([read])] == ["line 2", "line 3"]
    assert read.frames["failures"].height == 2


SCHEDULER = """\
[2026-03-02T04:05:00.100+0000] {scheduler_job_runner.py:813} INFO - TaskInstance Finished: \
dag_id=d, task_id=g.t, run_id=r, map_index=3, run_start_date=2026-03-02 04:00:00+00:00, \
run_end_date=None, run_duration=None, state=running, executor=X(parallelism=4), \
executor_state=failed, try_number=2, max_tries=4, job_id=1, pool=small, queue=fast, \
priority_weight=1, operator=Odd, queued_dttm=2026-03-02 03:59:00+00:00, pid=7
[2026-03-02T04:05:01.100+0000] {scheduler_job_runner.py:800} ERROR - Executor X reported that the \
task instance <TaskInstance: d.g.t r map_index=3 [running]> finished with state failed, but the \
task instance's state attribute is running.
[2026-03-02T04:06:00.100+0000] {scheduler_job_runner.py:2110} ERROR - Detected zombie job: \
{'msg': "{'DAG Id': 'd', 'Task Id': 'u', 'Run Id': 'r', 'Hostname': 'w1'}", 'try_number=1, \
map_index=-1'}
[2026-03-02T04:07:00.100+0000] {scheduler_job_runner.py:1} INFO - Heartbeat recovered
"""


def test_a_scheduler_tells_of_lost_and_killed_tries(tmp_path: Path) -> None:
    """Each try once, with what the scheduler knows of it."""
    path = tmp_path / "scheduler.log"
    path.write_text(SCHEDULER)
    dead, lost = sorted(rows(path), key=lambda row: row["kind"], reverse=True)
    names = ("dag_id", "task_id", "run_id", "map_index", "try_number", "pool", "queue", "operator")
    assert [dead[name] for name in names] == ["d", "g.t", "r", 3, 2, "small", "fast", "Odd"]
    assert (dead["kind"], dead["source"]) == ("killed", "scheduler")
    assert (lost["kind"], lost["task_id"], lost["hostname"]) == ("heartbeat-lost", "u", "w1")


def test_each_word_finds_its_reader(tmp_path: Path) -> None:
    """An address, a database, a memory, saved answers, logs: told by what they are."""
    (tmp_path / "a.yml").write_text("s: []\n")
    (tmp_path / "a.json").write_text('{"task_instances": []}')
    (tmp_path / "a.db").write_bytes(b"SQLite format 3\0")
    (tmp_path / "logs").mkdir()
    words = ["a.yml", "a.json", "a.db", "logs"]
    found = [read_input(str(tmp_path / word), captures=tmp_path) for word in words]
    found.append(read_input("http://127.0.0.1:9", captures=tmp_path))
    found.append(read_input("postgresql://u:h1dden-word@h/d", captures=tmp_path))
    assert [type(source).__name__ for source in found] == [
        "MemorySource",
        "AnswerSource",
        "DatabaseSource",
        "FailureSource",
        "AnswerSource",
        "DatabaseSource",
    ]
    assert "h1dden-word" not in found[-1].location + found[-1].name + repr(found[-1])

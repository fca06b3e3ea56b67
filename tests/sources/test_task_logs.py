"""Trees of task logs: one row for each failed try, said by its folders and its own last words."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from tests.sources.task_log_trees import TRY, batches, entry, failure, faults, raised, rows, write
from workbench.domain.loading import Known, Source
from workbench.errors import SourceError
from workbench.sources.task_logs import read_failures
from workbench.sources.task_logs.places import log_files

CASE = Path(__file__).parents[2] / "data/fixtures/cases/2026-02-scheduler"
AT = datetime(2026, 2, 10, 6, 0, 0, 250_000, tzinfo=UTC)


def test_an_airflow_3_log_becomes_a_row(tmp_path: Path) -> None:
    """Folders say which try it was, the failure line what happened and when."""
    root = tmp_path / "logs"
    path = "dag_id=etl/run_id=manual__2026-02-10T06:00:00+00:00/task_id=g.load/map_index=3"
    log = entry("Starting") + raised(("OperationalError", "no answer from 10.0.0.7:5432"))
    write(root, log, f"{path}/attempt=2.log")
    ((read,), note) = (batches(root, case_id="c"), "")
    (row,) = read.frames["failures"].to_dicts()
    assert read.note == note
    said = {"text", "loaded_from", "failure_id", "try_key"}
    assert {k: v for k, v in row.items() if v is not None and k not in said} == {
        "case_id": "c",
        "log_format": "airflow3-json",
        "dag_id": "etl",
        "run_id": "manual__2026-02-10T06:00:00+00:00",
        "task_id": "g.load",
        "map_index": 3,
        "try_number": 2,
        "at_utc": AT,
        "exception": "OperationalError",
        "message": "no answer from 10.0.0.7:5432",
        "template": "OperationalError: no answer from <host>",
        "origin_path": f"logs/{path}/attempt=2.log",
        "origin_line": 2,
        "kind": "task",
        "source": "log",
        "sources": "log",
        "sightings": 1,
    }
    assert row["text"] == log.rstrip("\n")


def test_the_chain_is_kept_what_was_finally_raised_first(tmp_path: Path) -> None:
    """The first of error_detail is the exception; causes follow in extra, with how they hang."""
    detail = [
        {"exc_type": "LoadError", "exc_value": "feed unreadable", "is_cause": False},
        {"exc_type": "JSONDecodeError", "exc_value": "line 1", "is_cause": True},
        {"exc_type": "KeyError", "exc_value": "'qty'", "is_cause": False},
    ]
    row = failure(tmp_path, entry("Task failed with exception", level="error", error_detail=detail))
    assert (row["exception"], row["message"]) == ("LoadError", "feed unreadable")
    assert json.loads(row["extra"])["causes"] == [
        {"exception": "JSONDecodeError", "message": "line 1", "link": "cause"},
        {"exception": "KeyError", "message": "'qty'", "link": "context"},
    ]


def test_a_group_keeps_what_is_inside(tmp_path: Path) -> None:
    """A group is the exception; its branches, each a chain of its own, are in extra."""
    inside = [[{"exc_type": "ValueError", "exc_value": "p=1"}], [{"exc_type": "a.B"}]]
    group = {"exc_type": "ExceptionGroup", "exc_value": "2 failed", "is_group": True}
    row = failure(
        tmp_path,
        entry(
            "Task failed with exception",
            level="error",
            error_detail=[{**group, "exceptions": inside}],
        ),
    )
    assert (row["exception"], row["template"]) == ("ExceptionGroup", "ExceptionGroup: <n> failed")
    assert json.loads(row["extra"])["inside"] == [
        [{"exception": "ValueError", "message": "p=1"}],
        [{"exception": "B", "message": "", "type": "a.B"}],
    ]


KILLED = entry("Process terminated by signal.", level="critical", signal=-9, signal_name="SIGKILL")
OUTSIDE = entry("Server indicated the task shouldn't be running anymore", level="error")
CALLBACK = entry(
    "Failed to run task callback",
    level="error",
    error_detail=[{"exc_type": "RuntimeError", "exc_value": "hook down"}],
)
REPORTED = entry(
    "Cannot read", level="error", error_detail=[{"exc_type": "OSError", "exc_value": "gone"}]
)
LOST = entry("Detected a task instance without a heartbeat: x", level="error")
MISMATCH = entry(
    "Executor X reported that the task instance <T> finished with state failed, but it runs",
    level="error",
)


@pytest.mark.parametrize(
    ("log", "exception", "message"),
    [
        (raised(("KeyError", "'a'")) + CALLBACK, "KeyError", "'a'"),
        (REPORTED + raised(("KeyError", "'a'")), "KeyError", "'a'"),
        (OUTSIDE + raised(("OSError", "x")) + entry("Task killed!", level="error"), "OSError", "x"),
        (raised(("house.errors.Away", "")), "Away", ""),
        (raised(("f.<locals>.Odd", "x")), "Odd", "x"),
        (entry("Task failed with exception", level="error"), None, "Task failed with exception"),
        (KILLED, None, "Process terminated by signal. (SIGKILL)"),
        (entry("x") + OUTSIDE + entry("Task killed!", level="critical", signal="SIGTERM"), None,
         "Server indicated the task shouldn't be running anymore"),
        (entry("Task killed!", level="critical", signal="SIGTERM"), None, "Task killed! (SIGTERM)"),
        (entry("Task killed!", level="error"), None, "Task killed!"),
        (entry("Task exited with return code 1"), None, "Task exited with return code 1"),
        (REPORTED + entry("x") + entry("Task exited with return code 1"), "OSError", "gone"),
        (LOST + MISMATCH, None, "Detected a task instance without a heartbeat: x"),
        (MISMATCH, None, json.loads(MISMATCH)["event"]),
        (entry("x") + REPORTED, "OSError", "gone"),
        (
            entry("Task failed with exception", level="error", exception=(
                "Traceback (most recent call last):\n  File \"x\", line 1, in f\nOSError: gone"
            )), "OSError", "gone",
        ),
    ],
)  # fmt: skip
def test_what_says_most_is_the_failure(
    tmp_path: Path, log: str, exception: str | None, message: str
) -> None:
    """The task's own exception before an end from outside, a lost heartbeat, a kill, a code."""
    row = failure(tmp_path, log)
    assert (row["exception"], row["message"]) == (exception, message)


@pytest.mark.parametrize(
    "log",
    [
        "",
        "\n\n",
        entry("Done") + entry("Task exited with return code 0"),
        entry("Task exited with return code 100 (task deferral)"),
        REPORTED + entry("and on it goes"),
        REPORTED + entry("Marking task as SUCCESS. dag_id=d, task_id=t, run_id=r"),
        entry("retrying", level="error"),
        CALLBACK,
        entry("Task failed with exception", logger="task.stdout"),
        entry("Killed by nobody: exit code 137", logger="task.stdout"),
        entry("State of this instance has been externally set to success.", level="warning"),
        entry("x") + "a line of the process itself\n",
    ],
)
def test_a_log_without_a_failure_gives_no_row(tmp_path: Path, log: str) -> None:
    """An error that was handled, what a task prints, a deferral: none of it ends a try."""
    (read,) = batches(write(tmp_path, log))
    assert read.frames["failures"].height == 0
    assert read.note == "1 of 1 logs tell of no failure"
    assert read.rejections == ()


@pytest.mark.parametrize(
    ("tail", "exception", "message", "line"),
    [
        ("Killed: the pod was evicted\nexit code 137\n", None, "Killed: the pod was evicted", 2),
        ("well\nSegmentation fault (core dumped)\n", None, "Segmentation fault (core dumped)", 3),
        (
            'Traceback (most recent call last):\n  File "x", line 1, in f\nMemoryError\n',
            "MemoryError",
            "",
            2,
        ),
    ],
)
def test_plain_lines_after_the_last_entry_tell_of_a_crash(
    tmp_path: Path, tail: str, exception: str | None, message: str, line: int
) -> None:
    """A mixed log's failure has its own line, and the time of the last dated line above it."""
    row = failure(tmp_path, entry("Signed 12 entries") + tail)
    assert row["log_format"] == "mixed"
    assert (row["exception"], row["message"]) == (exception, message)
    assert (row["origin_line"], row["at_utc"]) == (line, AT)
    assert json.loads(row["extra"])["at_utc_of"] == "the last dated line above"


def test_exit_codes_and_signals_are_kept(tmp_path: Path) -> None:
    """A number that says how the process ended stays in extra and in the template."""
    row = failure(tmp_path, entry("x") + "Killed\nexit code 137\n")
    assert json.loads(row["extra"])["exit_code"] == "137"
    row = failure(tmp_path, raised(("E", "The command returned a non-zero exit code -9.")))
    assert json.loads(row["extra"]) == {"exit_code": "-9"}
    assert row["template"] == "E: The command returned a non-zero exit code -9."
    assert json.loads(failure(tmp_path, KILLED)["extra"]) == {
        "signal": -9,
        "signal_name": "SIGKILL",
    }


def test_the_triggerer_s_log_goes_with_its_try(tmp_path: Path) -> None:
    """What the triggerer wrote is no failure of its own, but told beside that of the try."""
    write(tmp_path, raised(("TaskDeferralError", "Trigger failure")))
    folder = TRY.rpartition("/")[0]
    trigger = entry("Trigger failed", level="error", error_detail=[{"exc_type": "HTTPError"}])
    write(tmp_path, trigger, f"{folder}/attempt=1.log.trigger.167.log")
    write(tmp_path, raised(("OSError", "alone")), f"{folder}/attempt=2.log.trigger.9.log")
    first, second = rows(tmp_path)
    assert (first["exception"], first["try_number"]) == ("TaskDeferralError", 1)
    (told,) = json.loads(first["extra"])["triggerer"]
    assert told["chain"] == [{"exception": "HTTPError", "message": ""}]
    assert told["origin"].endswith("/attempt=1.log.trigger.167.log")
    assert (second["exception"], second["try_number"]) == ("OSError", 2)


def test_the_log_s_own_words_fill_in_for_folders(tmp_path: Path) -> None:
    """A log outside the layout still knows its task where it says so."""
    (tmp_path / "copied.log").write_text(
        "[2026-02-10T06:00:00.250+0000] {taskinstance.py:1} INFO - Starting attempt 2 of 3\n"
        "[2026-02-10T06:00:01.250+0000] {taskinstance.py:1} INFO - Marking task as UP_FOR_RETRY. "
        "dag_id=d, task_id=t, run_id=r, map_index=0, execution_date=20260210T000000\n",
        encoding="utf-8",
    )
    (row,) = rows(tmp_path / "copied.log")
    said = [row[k] for k in ("dag_id", "task_id", "run_id", "map_index", "try_number")]
    assert said == ["d", "t", "r", 0, 2]
    assert row["origin_path"] == "copied.log"


def test_an_id_depends_on_the_names_of_the_try(tmp_path: Path) -> None:
    """Wherever the tree stands, its tries keep their ids; a file of it alone has the same place."""
    log = raised(("E", "x"))
    one, other = write(tmp_path / "a/logs", log), write(tmp_path / "b/logs", log)
    there = {"loaded_from": ""}
    assert [row | there for row in rows(one)] == [row | there for row in rows(other)]
    other_try = write(tmp_path / "c/logs", log, TRY.replace("=1", "=2"))
    assert rows(one)[0]["failure_id"] != rows(other_try)[0]["failure_id"]
    (alone,) = rows(one / TRY)
    assert [alone[k] for k in ("dag_id", "run_id", "task_id", "try_number")] == ["d", "r", "t", 1]
    assert alone["origin_path"] == TRY


def test_other_files_are_counted(tmp_path: Path) -> None:
    """Files that are no try's log are not read, links to folders not followed; a note says it."""
    write(tmp_path / "logs", raised(("E", "x")))
    write(tmp_path / "logs", raised(("E", "x")), "scheduler/latest.log")
    write(tmp_path / "elsewhere", raised(("E", "y")))
    (tmp_path / "logs/dag_id=linked").symlink_to(tmp_path / "elsewhere/dag_id=d")
    os.mkfifo(tmp_path / "logs/attempt=1.log")
    (read,) = batches(tmp_path / "logs")
    assert read.frames["failures"]["message"].to_list() == ["x"]
    assert read.note == "2 files are no attempt=N.log: not read"


def test_tries_come_in_the_order_of_their_paths(tmp_path: Path) -> None:
    """Attempts count as numbers; a load that is repeated gives the same rows."""
    for number in (10, 9, 1):
        path = f"dag_id=d/run_id=r/task_id=t/attempt={number}.log"
        write(tmp_path, raised(("E", str(number))), path)
    write(tmp_path, raised(("E", "a")), "dag_id=a/run_id=r/task_id=t/attempt=1.log")
    assert [row["message"] for row in rows(tmp_path)] == ["a", "1", "9", "10"]


def test_large_trees_come_in_batches(tmp_path: Path) -> None:
    """No batch holds more than some hundred tries."""
    for number in range(510):
        write(tmp_path, raised(("E", "x")), f"dag_id=d/run_id={number}/task_id=t/attempt=1.log")
    read = read_failures(tmp_path).read(Known())
    assert [b.frames["failures"].height for b in read] == [500, 10, 0]


def test_an_empty_tree_gives_nothing(tmp_path: Path) -> None:
    """A folder without logs is no error."""
    (read,) = batches(tmp_path)
    assert (read.frames["failures"].height, read.note) == (0, "")


def test_a_path_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """What is missing, no file, no text or another format is told with its path."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "log.gz").write_bytes(b"\x1f\x8b\0\0")
    (tmp_path / "hooks.jsonl").write_text('{"hook": "failed"}\n{"hook": "failed"}\n', "utf-8")
    for name in ("none", "pipe", "log.gz", "hooks.jsonl"):
        with pytest.raises(SourceError) as error:
            read_failures(tmp_path / name)
        assert error.value.where is not None
        assert error.value.where.path == str(tmp_path / name)
        assert "attempt=N.log" in error.value.right


def test_a_file_that_is_gone_when_it_is_read_is_an_error(tmp_path: Path) -> None:
    """Between naming a source and reading it the file may go."""
    (tmp_path / "a.log").write_text(raised(("E", "x")), encoding="utf-8")
    source = read_failures(tmp_path / "a.log")
    (tmp_path / "a.log").unlink()
    with pytest.raises(SourceError):
        list(source.read(Known()))


def test_what_cannot_be_read_in_a_tree_is_told(tmp_path: Path) -> None:
    """The tries around it load."""
    write(tmp_path, raised(("E", "x")))
    closed = tmp_path / "dag_id=d/run_id=r/task_id=closed/attempt=1.log"
    closed.parent.mkdir()
    closed.symlink_to("/proc/self/mem")  # a file, but reading its first byte fails
    (read,) = batches(tmp_path)
    assert read.frames["failures"].height == 1
    ((at, reason),) = faults([read])
    assert (at, reason.partition(":")[0]) == ("", "the file cannot be read")
    assert read.rejections[0].path == str(closed)
    assert [type(found) for found in log_files(tmp_path / "none")] == [FileNotFoundError]


def test_it_is_a_source(tmp_path: Path) -> None:
    """Kind, name, location and unit are what the store files it under."""
    source: Source = read_failures(str(tmp_path))
    said = (source.kind, source.name, source.location, source.unit)
    assert said == ("failures", tmp_path.name, str(tmp_path), "failures")


def test_the_shipped_case_loads_whole() -> None:
    """Its logs have no rejection, every failed try is found, and no planted secret comes out."""
    secrets = (CASE / "planted-secrets.txt").read_text("utf-8").splitlines()
    found = {}
    for name in ("airflow-3", "airflow-2"):
        read = list(read_failures(CASE / "logs" / name).read(Known()))
        assert faults(read) == []
        frame = pl.concat([b.frames["failures"] for b in read])
        assert [s for s in secrets if s in frame.write_json()] == []
        found[name] = sorted(frame["exception"].fill_null("-").to_list())
        assert frame["at_utc"].null_count() == 0
    assert found["airflow-3"] == [
        "-", "-", "-", "AirflowSensorTimeout", "KeyError", "KeyError", "OperationalError",
        "ReadTimeout", "SMTPRecipientsRefused", "ValueError",
    ]  # fmt: skip
    assert found["airflow-2"] == [
        "AirflowSensorTimeout", "AirflowTaskTerminated", "DatabaseAway", "ReadTimeout",
        "ValueError",
    ]  # fmt: skip

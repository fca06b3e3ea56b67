"""Airflow 2 logs and tracebacks in text: what was finally raised, whatever is printed around it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.sources.task_log_trees import batches, failure, write

AT = "2026-02-10T06:00:00.116+0000"


def line(event: str, *, level: str = "INFO", at: str = AT) -> str:
    """One entry of an Airflow 2 log."""
    return f"[{at}] {{taskinstance.py:33}} {level} - {event}\n"


def failed(traceback: str) -> str:
    """A log that fails with what stands below the line that says so."""
    body = dedent(traceback).strip("\n") + "\n"
    end = line("Task exited with return code 1")
    return line("Starting") + line("Task failed with exception", level="ERROR") + body + end


HEAD = "Traceback (most recent call last):\n"
CHAIN = """
Traceback (most recent call last):
  File "/dags/db.py", line 18, in connect
    return driver.connect(url)
           ^^^^^^^^^^^^^^^^^^^
psycopg2.OperationalError: connection failed
\tIs the server running?

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/dags/etl.py", line 44, in load
    connect(URL)
house.errors.DatabaseAway: no answer after 5 s
[SQL: select 1]

(Background on this error)

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/dags/etl.py", line 46, in load
KeyError: 'x'
"""
GROUP = """
  + Exception Group Traceback (most recent call last):
  |   File "/dags/etl.py", line 47, in many
  |     raise ExceptionGroup("2 failed", found)
  | ExceptionGroup: 2 failed (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/dags/etl.py", line 3, in one
    | a.b.ValueError: p=1
    +---------------- 2 ----------------
    | KeyError: 'p=2'
    +------------------------------------
"""
SYNTAX = """
Traceback (most recent call last):
  File "/dags/etl.py", line 3, in <module>
    import broken
  File "/dags/broken.py", line 1
    def f(:
          ^
SyntaxError: invalid syntax
"""
BLANK_LINES = """
Traceback (most recent call last):

  File "/dags/etl.py", line 3, in f
    f()

jinja2.exceptions.UndefinedError: 'a' is undefined
"""


def test_a_log_becomes_a_row(tmp_path: Path) -> None:
    """The chain is turned around: the last one printed was finally raised."""
    row = failure(tmp_path, failed(CHAIN))
    assert row["log_format"] == "airflow2-text"
    assert row["at_utc"] == datetime(2026, 2, 10, 6, 0, 0, 116_000, tzinfo=UTC)
    assert (row["exception"], row["message"], row["origin_line"]) == ("KeyError", "'x'", 2)
    assert row["text"] == failed(CHAIN).rstrip("\n")
    assert json.loads(row["extra"]) == {
        "causes": [
            {
                "exception": "DatabaseAway",
                "type": "house.errors.DatabaseAway",
                "message": "no answer after 5 s\n[SQL: select 1]\n\n(Background on this error)",
                "link": "context",
            },
            {
                "exception": "OperationalError",
                "type": "psycopg2.OperationalError",
                "message": "connection failed\n\tIs the server running?",
                "link": "cause",
            },
        ]
    }


@pytest.mark.parametrize(
    ("traceback", "exception", "message"),
    [
        (GROUP, "ExceptionGroup", "2 failed (2 sub-exceptions)"),
        (SYNTAX, "SyntaxError", "invalid syntax"),
        (BLANK_LINES, "UndefinedError", "'a' is undefined"),
        (f"{HEAD}  File 'x', line 1, in f\nKeyError", "KeyError", ""),
        (HEAD, None, "Task failed with exception"),
        ('  File "x", line 1, in f\n    code()\n', None, "Task failed with exception"),
        ("", None, "Task failed with exception"),
    ],
)  # fmt: skip
def test_tracebacks(tmp_path: Path, traceback: str, exception: str | None, message: str) -> None:
    """Groups, syntax errors, blank lines, no message, no exception at all."""
    row = failure(tmp_path, failed(traceback))
    assert (row["exception"], row["message"]) == (exception, message)


def test_a_group_in_text_keeps_what_is_inside(tmp_path: Path) -> None:
    """Each branch's own exception is found, below a traceback or without one."""
    inside = json.loads(failure(tmp_path, failed(GROUP))["extra"])["inside"]
    assert inside == [
        [{"exception": "ValueError", "type": "a.b.ValueError", "message": "p=1"}],
        [{"exception": "KeyError", "message": "'p=2'"}],
    ]


OUTSIDE = line("State of this instance has been externally set to failed. Bye.", level="WARNING")
SIGTERM = line("Received SIGTERM. Terminating subprocesses.", level="ERROR")
SHOWN = line("Cannot read", level="ERROR") + HEAD + '  File "x", line 1\nOSError: x\n'


@pytest.mark.parametrize(
    ("log", "exception", "message"),
    [
        (OUTSIDE + SIGTERM, None, "State of this instance has been externally set to failed. Bye."),
        (OUTSIDE + SIGTERM + failed(SYNTAX), "SyntaxError", "invalid syntax"),
        (SIGTERM, None, "Received SIGTERM. Terminating subprocesses."),
        (line("Task exited with return code -9"), None, "Task exited with return code -9"),
        (line("Task exited with return code Negsignal.SIGKILL"), None,
         "Task exited with return code Negsignal.SIGKILL"),
        (line("Marking task as FAILED. dag_id=d"), None, "Marking task as FAILED. dag_id=d"),
        (SHOWN + line("Task exited with return code 1"), "OSError", "x"),
        (SHOWN, "OSError", "x"),
        (line("Job 6 was killed before it finished (likely memory)", level="ERROR"), None,
         "Job 6 was killed before it finished (likely memory)"),
        (line("Detected zombie job: {'a': 1}", level="ERROR"), None,
         "Detected zombie job: {'a': 1}"),
        (failed(SYNTAX).replace("Task failed with exception", "Failed to execute job 6 for task t"),
         "SyntaxError", "invalid syntax"),
    ],
)  # fmt: skip
def test_what_says_most_is_the_failure(
    tmp_path: Path, log: str, exception: str | None, message: str
) -> None:
    """The same order as for Airflow 3, in the words of Airflow 2."""
    row = failure(tmp_path, log)
    assert (row["exception"], row["message"]) == (exception, message)


@pytest.mark.parametrize(
    "log",
    [
        line("Task exited with return code 0"),
        line("Task exited with return code 100 (task deferral)"),
        failed(SYNTAX) + line("Starting again") + line("Marking task as SUCCESS. dag_id=d"),
        SHOWN + line("Task exited with return code 0"),
        line("Rescheduling") + line("Marking task as UP_FOR_RESCHEDULE. dag_id=d"),
        "*** Found local files:\n***   * /logs/attempt=1.log\n" + line("x"),
        line("Heartbeat timeout is 30 s"),
    ],
)
def test_a_log_without_a_failure_gives_no_row(tmp_path: Path, log: str) -> None:
    """A try that went on and ended well did not fail, whatever it said before."""
    (read,) = batches(write(tmp_path, log))
    assert read.frames["failures"].height == 0


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-02-10T07:30:00.116+0130", datetime(2026, 2, 10, 6, 0, 0, 116_000, tzinfo=UTC)),
        ("2026-02-10, 06:00:00 UTC", datetime(2026, 2, 10, 6, tzinfo=UTC)),
        ("2026-02-10 06:00:00,116", None),
        ("2026-02-31T06:00:00+0000", None),
    ],
)
def test_times(tmp_path: Path, at: str, expected: datetime | None) -> None:
    """A time without a zone is not guessed: the row has none, and extra keeps what stood there."""
    row = failure(tmp_path, line("Task failed with exception", level="ERROR", at=at))
    assert row["at_utc"] == expected
    extra: dict[str, Any] = json.loads(row["extra"] or "{}")
    assert extra == ({} if expected else {"at_without_zone": at})


def test_both_versions_give_the_same_template(tmp_path: Path) -> None:
    """The type's module, the host and the time differ between versions; the template does not."""
    two = failure(
        tmp_path / "2",
        failed(
            """
            Traceback (most recent call last):
              File "/dags/etl.py", line 44, in load
            psycopg2.errors.LockNotAvailable: row 17 is locked
            by 10.0.0.7
            """
        ),
    )
    detail = [{"exc_type": "LockNotAvailable", "exc_value": "row 18 is locked\nby 10.0.0.8\n"}]
    said = {"event": "Task failed with exception", "level": "error", "error_detail": detail}
    three = failure(tmp_path / "3", json.dumps(said))
    assert two["template"] == three["template"] == "LockNotAvailable: row <n> is locked by <host>"
    assert json.loads(two["extra"])["exception_type"] == "psycopg2.errors.LockNotAvailable"

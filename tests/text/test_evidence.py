"""What stands around a failure: a child's last words, the cause, the place in a DAG's own code."""

from __future__ import annotations

import json

import pytest

from workbench.text.evidence import Evidence, evidence

BASH = "Bash command failed. The command returned a non-zero exit code 1."
LIBRARY = "/opt/venv/lib/python3.11/site-packages/airflow/sdk/execution_time/task_runner.py"
OLD = """\
[2026-03-01T09:03:12.579+0000] {subprocess.py:99} INFO - Output:
[2026-03-01T09:03:12.579+0000] {subprocess.py:106} INFO - reading
[2026-03-01T09:03:12.580+0000] {subprocess.py:106} INFO - cat: /in/a: Permission denied
[2026-03-01T09:03:12.581+0000] {subprocess.py:110} INFO - Command exited with return code 1
[2026-03-01T09:03:12.602+0000] {taskinstance.py:3313} ERROR - Task failed with exception
Traceback (most recent call last):
  File "/opt/venv/lib/python3.11/site-packages/airflow/operators/bash.py", line 276, in execute
    raise AirflowException(
airflow.exceptions.AirflowException: """
NEW = """\
Output:
reading
cat: /in/a: Permission denied
Command exited with return code 1
Task failed with exception
"""
CHAINED = """\
[2026-03-01T09:03:12.602+0000] {taskinstance.py:3313} ERROR - Task failed with exception
Traceback (most recent call last):
  File "/opt/airflow/dags/etl.py", line 5, in inner
KeyError: 'region'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/opt/venv/lib/python3.11/site-packages/airflow/models/taskinstance.py", line 7, in run
  File "/opt/airflow/dags/etl.py", line 9, in enrich
RuntimeError: cannot enrich
"""
READABLE = f"""\
Task failed with exception
  File "{LIBRARY}", line 1112, in run
  File "/opt/airflow/dags/etl.py", line 9, in enrich
RuntimeError: cannot enrich
  File "/opt/airflow/dags/etl.py", line 5, in inner
KeyError: 'region'
"""


def _json_lines() -> str:
    def frames(name: str) -> list[dict[str, object]]:
        own = {"filename": "/opt/airflow/dags/etl.py", "lineno": 9, "name": name}
        return [{"filename": LIBRARY, "lineno": 1, "name": "run"}, own]

    detail = [
        {"exc_type": "RuntimeError", "exc_value": "cannot enrich", "frames": frames("enrich")},
        {"exc_type": "KeyError", "exc_value": "'region'", "frames": frames("inner")},
    ]
    rows = [
        {"level": "info", "event": "cat: /in/a: Permission denied"},
        {"level": "error", "event": "Task failed with exception", "error_detail": detail},
    ]
    return "\n".join(json.dumps(row, separators=(",", ":")) for row in rows)


@pytest.mark.parametrize("text", [OLD + BASH, NEW + f"AirflowException: {BASH}"])
def test_the_last_words_of_a_child_are_found_in_both_versions(text: str) -> None:
    """The last line that looks like trouble, without Airflow's own lines around it."""
    found = evidence(text, exception="AirflowException", message=BASH)
    assert found.told == "cat: /in/a: Permission denied"


@pytest.mark.parametrize("text", [CHAINED, READABLE, _json_lines()])
def test_cause_and_place_are_found_in_every_form(text: str) -> None:
    """Text of 2.10, readable text of 3.1 and JSON lines tell the same."""
    found = evidence(text, exception="RuntimeError", message="cannot enrich")
    assert found == Evidence(told="", cause="KeyError: 'region'", place="etl.py:enrich")


def test_a_message_that_says_enough_takes_nothing_from_around_it() -> None:
    """Lines before a failure are noise unless the message alone says nothing."""
    text = OLD + "KeyError: 'region'"
    found = evidence(text, exception="KeyError", message="'region'")
    assert (found.told, found.cause) == ("", "")


@pytest.mark.parametrize(
    "text", ["", "Task failed with exception", '{"event": "Task failed', "x\0"]
)
def test_any_text_can_be_asked(text: str) -> None:
    """A log that ends anywhere gives nothing rather than a fault."""
    assert evidence(text, exception=None, message="it broke") == Evidence()

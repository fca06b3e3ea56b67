"""Gathered failures, JSON lines with id and text: each a row, whose other keys change nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sources.task_log_trees import batches, entry, faults, raised, rows
from workbench.sources.task_logs.given_rows import Content, content_of
from workbench.sources.task_logs.lines import text_lines

AIRFLOW_2 = (
    "[2026-02-10T06:00:00.116+0000] {taskinstance.py:33} ERROR - Task failed with exception\n"
    "Traceback (most recent call last):\n  File \"x\", line 1, in f\na.b.KeyError: 'qty'\n"
    "[2026-02-10T06:00:01.116+0000] {taskinstance.py:1} INFO - Marking task as FAILED. "
    "dag_id=d, task_id=t, run_id=r, map_index=4, start_date=x"
)
READABLE = (
    'Output:\nTask failed with exception\n  File "x", line 1, in f\nLoadError: feed of 10.0.0.7\n'
    '  File "y", line 2, in g\nJSONDecodeError: line 1\n'
)


def gathered(folder: Path, *objects: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of some gathered failures."""
    (folder / "failures.jsonl").write_text("\n".join(map(json.dumps, objects)), encoding="utf-8")
    return rows(folder / "failures.jsonl")


def test_each_line_is_a_row(tmp_path: Path) -> None:
    """The id stays, the line is its place, what the text says fills the columns."""
    given = {"id": "run-1", "text": AIRFLOW_2, "airflow_version": "2.10.5", "cls": "schema"}
    (row,) = gathered(tmp_path, given)
    assert row["failure_id"] == "run-1"
    assert (row["airflow_version"], row["log_format"]) == ("2.10.5", "airflow2-text")
    assert (row["exception"], row["message"]) == ("KeyError", "'qty'")
    assert [row[k] for k in ("dag_id", "task_id", "run_id", "map_index")] == ["d", "t", "r", 4]
    assert (row["origin_path"], row["origin_line"]) == (str(tmp_path / "failures.jsonl"), 1)
    assert row["text"] == AIRFLOW_2
    assert json.loads(row["extra"]) == {"exception_type": "a.b.KeyError", "cls": "schema"}


@pytest.mark.parametrize(
    ("text", "exception", "message"),
    [
        (READABLE, "LoadError", "feed of 10.0.0.7"),
        (READABLE.partition("\n")[2], "LoadError", "feed of 10.0.0.7"),
        (entry("x") + raised(("KeyError", "'a'")), "KeyError", "'a'"),
        ("2026-02-10T06:00:00.054170Z [error    ] Detected a task instance without a heartbeat: t",
         None, "Detected a task instance without a heartbeat: t"),
        ("well\nrequests.exceptions.HTTPError: 503 Error\n", "HTTPError", "503 Error"),
        ("dd: No space left on device\n\n", None, "dd: No space left on device"),
        ("Killed\nexit code 137\nbye", None, "Killed"),
    ],
)  # fmt: skip
def test_every_text_is_a_failure(
    tmp_path: Path, text: str, exception: str | None, message: str
) -> None:
    """Where nothing says that it failed, what looks most like it is taken."""
    (row,) = gathered(tmp_path, {"id": "1", "text": text})
    assert (row["exception"], row["message"]) == (exception, message)


def test_raw_lines_tell_more_than_the_readable_text(tmp_path: Path) -> None:
    """The exception comes from the log's own lines, the text stays as it was given."""
    raw = entry("x") + raised(("house.LoadError", "feed"), ("ValueError", "line 1"))
    (row,) = gathered(tmp_path, {"id": "1", "text": "ValueError: line 1", "raw": raw})
    assert (row["exception"], row["log_format"]) == ("LoadError", "airflow3-json")
    assert row["text"] == "ValueError: line 1"
    assert row["raw"] == raw


def test_other_keys_change_nothing(tmp_path: Path) -> None:
    """Whatever else a line holds is kept and influences no column."""
    plain = {"id": "1", "text": AIRFLOW_2}
    others = {
        "cls": "x", "resolution": "restart", "exception": "Wrong", "dag_id": "wrong",
        "case_id": "c",
        "at_utc": "2020-01-01T00:00:00Z", "template": "w", "log_format": "jsonl", "causes": "none",
        "exception_type": "mine",
    }  # fmt: skip
    (one,) = gathered(tmp_path, plain)
    (other,) = gathered(tmp_path, {**plain, **others})
    assert {**one, "extra": ""} == {**other, "extra": ""}
    kept = json.loads(other["extra"])
    assert kept.pop("given") == {"exception_type": "mine"}
    assert kept == {**others, "exception_type": "a.b.KeyError"}


def test_ids(tmp_path: Path) -> None:
    """A number is an id too; without one, or with a secret in it, the row keeps a digest."""
    secret = "postgresql://etl:hunter-one@db/wh"
    found = gathered(
        tmp_path,
        {"id": 17, "text": "a"},
        {"text": "b"},
        {"id": " ", "text": "c"},
        {"id": secret, "text": "d"},
    )
    ids = [row["failure_id"] for row in found]
    assert ids[0] == "17"
    assert len({*ids}) == 4
    assert {len(i) for i in ids[1:]} == {24}
    assert gathered(tmp_path, {"text": "b"})[0]["failure_id"] == ids[1]


def test_a_row_that_stands_twice_counts_once(tmp_path: Path) -> None:
    """The same again is unchanged; the same id with other content is a rejection."""
    one, other = {"id": "1", "text": "a"}, {"id": "1", "text": "b"}
    path = tmp_path / "failures.jsonl"
    path.write_text("\n".join(map(json.dumps, [one, one, other])), encoding="utf-8")
    (read,) = batches(path)
    assert (read.frames["failures"].height, read.unchanged) == (1, 1)
    reason = f"its id is that of {path}: line 1, with other content"
    assert faults([read]) == [("line 3", reason)]


def test_dirty_lines_are_rejected_with_their_place(tmp_path: Path) -> None:
    """Each is told; the lines around it load."""
    lines = [
        b'{"id": "1", "text": "a"}',
        b"{broken",
        b"[]",
        b"",
        b'{"id": "2"}',
        b'{"id": "3", "text": " \\n"}',
        b'{"id": ["x"], "text": "a"}',
        b'{"id": "4", "text": "caf\xe9"}',
        b'{"id": "5", "text": "half \\ud800", "n": NaN}',
        b'{"id": "6", "text": "a", "n": 1e999}',
    ]
    (tmp_path / "failures.jsonl").write_bytes(b"\n".join(lines))
    (read,) = batches(tmp_path / "failures.jsonl")
    assert read.frames["failures"]["failure_id"].to_list() == ["1", "4", "5"]
    assert read.frames["failures"]["text"].to_list()[1:] == ["caf\ufffd", "half ?"]
    assert faults([read]) == [
        ("line 2", "the line is no JSON object"),
        ("line 3", "the line is no JSON object"),
        ("line 5", "text is missing"),
        ("line 6", "text is missing"),
        ("line 7", "id is neither text nor a whole number"),
        ("line 8", "the line holds bytes that are not UTF-8: they are shown as \ufffd"),
        ("line 10", "a field holds a number that JSON does not know"),
    ]


def test_a_task_log_is_no_gathered_file(tmp_path: Path) -> None:
    """A log line may hold a text of its own."""
    path = tmp_path / "attempt=1.log"
    path.write_text(entry("x", text="y") + raised(("E", "z")), encoding="utf-8")
    assert [row["message"] for row in rows(path)] == ["z"]


SCHEDULERS = "[2026-03-02T04:06:00.100+0000] {scheduler_job_runner.py:1} ERROR - it is full"


@pytest.mark.parametrize(
    ("first", "content"),
    [
        ([{"id": "a", "text": SCHEDULERS}], Content.GATHERED),
        ([{"id": "a", "text": "x"}, {"id": "b", "text": SCHEDULERS}], Content.GATHERED),
        ([{"text": SCHEDULERS, "raw": SCHEDULERS, "airflow_version": "2.10.5"}], Content.GATHERED),
        ([{"note": SCHEDULERS}, {"id": "a", "text": "x"}], Content.GATHERED),
        ([{"event": SCHEDULERS, "level": "info"}], Content.SCHEDULER),
        ([SCHEDULERS], Content.SCHEDULER),
        (["", "Starting the scheduler", SCHEDULERS], Content.SCHEDULER),
        ([{"note": SCHEDULERS}], Content.SCHEDULER),
        ([{"event": "x", "level": "info"}], Content.LOG),
        ([{"id": "a"}], Content.OBJECTS),
        ([{"id": "a"}, "free text"], Content.LOG),
        ([], Content.LOG),
    ],
)
def test_gathered_texts_may_quote_a_scheduler(
    first: list[dict[str, Any] | str], content: Content
) -> None:
    """Objects with a text are gathered, whatever these texts quote; a log is what it is."""
    lines = [each if isinstance(each, str) else json.dumps(each) for each in first]
    assert content_of(text_lines("\n".join(lines))) is content


def test_a_quoted_scheduler_is_text_of_the_failure(tmp_path: Path) -> None:
    """Each object stays one failure under its own id, and none comes out of the quote."""
    quoted = f"{SCHEDULERS}\n{AIRFLOW_2}"
    found = gathered(tmp_path, {"id": "a", "text": quoted}, {"id": "b", "text": AIRFLOW_2})
    assert [(row["failure_id"], row["exception"]) for row in found] == [
        ("a", "KeyError"),
        ("b", "KeyError"),
    ]
    assert SCHEDULERS in found[0]["text"]

"""Hostile and dirty logs: bounded memory, nothing unredacted, every fault told with its line."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.task_log_trees import TRY, batches, entry, failure, faults, raised, write
from workbench.sources.task_logs.attempts import read_attempt
from workbench.sources.task_logs.lines import LONGEST, text_lines
from workbench.sources.task_logs.windows import HEAD_CHARACTERS, TAIL_CHARACTERS, Window

AIRFLOW_2 = "[2026-02-10T06:00:00.116+0000] {x.py:1} "
ROW = "row " * 20
KEY = ["MIIE" + "aB3dE5gH7jK9mN1p" * 3 + f"{n:012d}" for n in range(60)]


def test_a_long_log_keeps_its_beginning_and_its_end(tmp_path: Path) -> None:
    """The middle goes, a line says how much of it; the failure is found all the same."""
    lines = [entry(f"row {n}") for n in range(2_000)]
    row = failure(tmp_path, "".join(lines) + raised(("E", "x")))
    text = row["text"].split("\n")
    assert text[0] == lines[0].rstrip()
    assert '"exc_type": "E"' in text[-1]
    (note,) = [line for line in text if line.startswith("...")]
    assert note == f"... {2_001 - (len(text) - 1)} lines are left out here ..."
    assert len(row["text"]) < HEAD_CHARACTERS + TAIL_CHARACTERS + 100
    assert row["origin_line"] == 2_001


def test_a_crash_after_very_many_plain_lines_has_its_own_line(tmp_path: Path) -> None:
    """The lines that are left out count."""
    row = failure(tmp_path, entry("x") + "plain line\n" * 12_000 + "Killed\nbye\n")
    assert (row["message"], row["origin_line"]) == ("Killed", 12_002)


def test_a_line_without_end_is_cut(tmp_path: Path) -> None:
    """What lies beyond the bound is not read, the line after it is; the place is told."""
    long = b"x" * (2 * LONGEST + 5) + b"\n"
    (read,) = batches(write(tmp_path, long + raised(("E", "x")).encode()))
    assert read.frames["failures"]["message"].to_list() == ["x"]
    assert len(read.frames["failures"]["text"][0]) < 70_000
    reason = "the line is longer than 1,048,576 bytes: what follows is not read"
    assert faults([read]) == [("line 1", reason)]


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    """A log of many megabytes is read in a few."""
    log = (entry("x" * 20_000) * 400 + f"{'y' * 20_000}\n" * 400).encode()
    root = write(tmp_path, log + raised(("E", "x")).encode())
    assert len(log) > 16_000_000
    batches(root)  # what is imported when it is needed is no part of it
    tracemalloc.start()
    assert batches(root)[0].frames["failures"].height == 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    """They are shown as a replacement; a byte order mark is none."""
    log = b"\xef\xbb\xbf" + entry("x").encode() + b"caf\xe9 Killed\n"
    (read,) = batches(write(tmp_path, log))
    assert read.frames["failures"]["message"].to_list() == ["caf\ufffd Killed"]
    assert faults([read]) == [
        ("line 2", "the line holds bytes that are not UTF-8: they are shown as \ufffd")
    ]


def test_a_broken_json_line_is_told_and_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """A process that dies in the middle of a line has often said enough."""
    whole = raised(("house.LoadError", 'feed "a" of 10.0.0.7'), ("OSError", "x"))
    (read,) = batches(write(tmp_path, entry("x") + whole[: whole.index("OSError")] + "\n"))
    (row,) = read.frames["failures"].to_dicts()
    assert (row["exception"], row["message"]) == ("LoadError", 'feed "a" of 10.0.0.7')
    assert row["at_utc"] is not None
    assert faults([read]) == [("line 2", "the line is broken JSON: what can be read of it is used")]


@pytest.mark.parametrize("detail", ["text", {"exc_type": "E"}, [1], [[{"exc_type": "E"}]]])
def test_a_detail_of_another_shape_is_told(tmp_path: Path, detail: object) -> None:
    """The failure stays, without an exception."""
    log = entry("Task failed with exception", level="error", error_detail=detail)
    (read,) = batches(write(tmp_path, log))
    assert read.frames["failures"]["exception"].to_list() == [None]
    assert faults([read]) == [("line 1", "error_detail is no list of exceptions")]


def test_very_many_faults_are_counted(tmp_path: Path) -> None:
    """The first are told one by one, the others as a number."""
    (read,) = batches(write(tmp_path, b"\xff\n" * 50 + raised(("E", "x")).encode()))
    told = faults([read])
    assert [at for at, _ in told[:20]] == [f"line {n}" for n in range(1, 21)]
    assert told[20:] == [("", "30 more lines have such faults")]


def test_odd_entries_do_no_harm(tmp_path: Path) -> None:
    """Objects without an event, numbers for texts, deep nesting, half characters."""
    log = (
        '{"a": 1}\n16\n{"event": {"x": [1]}, "level": 5, "timestamp": 7}\n'
        + '{"event": "e", "timestamp": "yesterday", "dag_id": 5}\n'
        + '{"event": ' + "[" * 50_000 + "\n"
        + raised(("E\ud800", "half \udc00"), signal=float("nan"))
    )  # fmt: skip
    ((read),) = batches(write(tmp_path, log))
    (row,) = read.frames["failures"].to_dicts()
    assert (row["exception"], row["message"]) == ("E?", "half ?")


SECRETS = ["hunter-one", "hunter-two", "hunter-three", "hunter-four", "ada@example.org"]
LEAKING = [
    entry("open postgresql://etl:hunter-one@db/wh", conn={"password": "hunter-two"})
    + raised(
        ("E", "cannot open postgresql://etl:hunter-one@db/wh for ada@example.org"),
        ("F", "{'password': 'hunter-three', 'user': 'bob'}"),
    ),
    AIRFLOW_2 + "INFO - {'login': 'a', 'password': 'hunter-two'}\n"
    + AIRFLOW_2 + "ERROR - Task failed with exception\n"
    'Traceback (most recent call last):\n  File "x", line 1, in f\n'
    '    connect("postgresql://etl:hunter-one@db/wh")\n'
    "E: password=hunter-four of ada@example.org\n",
    entry("x") + "Killed: redis://:hunter-one@redis:6379/0 by ada@example.org\n",
]  # fmt: skip


@pytest.mark.parametrize("log", LEAKING)
def test_no_secret_is_loaded(tmp_path: Path, log: str) -> None:
    """Message, template, text, causes: none holds what the log held."""
    assert any(secret in log for secret in SECRETS)
    written = json.dumps(failure(tmp_path, log), default=str)
    assert [s for s in SECRETS if s in written] == []


def test_no_secret_is_loaded_from_what_was_gathered(tmp_path: Path) -> None:
    """Other keys and raw lines are redacted, keyed values by their key."""
    given_row = {
        "id": "1",
        "text": "E: postgresql://etl:hunter-one@db/wh",
        "raw": LEAKING[0],
        "by": "ada@example.org",
        "login": {"password": "hunter-two"},
    }
    (tmp_path / "a.jsonl").write_text(json.dumps(given_row), encoding="utf-8")
    (read,) = batches(tmp_path / "a.jsonl")
    written = read.frames["failures"].write_json()
    assert [s for s in SECRETS if s in written] == []


def test_a_secret_in_a_folder_s_name_is_redacted(tmp_path: Path) -> None:
    """Ids and places come out without it, in rows and in rejections."""
    path = TRY.replace("run_id=r", "run_id=for ada@example.org")
    (read,) = batches(write(tmp_path, b"\xff\n" + raised(("E", "x")).encode(), path))
    assert "ada@" not in read.frames["failures"].write_json() + str(read.rejections)


@pytest.mark.parametrize("before", [0, 200, 3_000])
@pytest.mark.parametrize("after", [0, 200, 3_000])
@pytest.mark.parametrize("style", ["json", "airflow2", "plain"])
def test_a_key_printed_line_by_line_is_redacted(
    tmp_path: Path, before: int, after: int, style: str
) -> None:
    """Also where the middle of the log is left out, and its first line with it."""

    def said(text: str) -> str:
        if style == "json":
            return entry(text)
        return (AIRFLOW_2 + "INFO - " if style == "airflow2" else "") + text + "\n"

    key = ["-----BEGIN PRIVATE KEY-----", *KEY, "-----END PRIVATE KEY-----"]
    log = "".join(said(text) for text in [ROW] * before + key + [ROW] * after)
    row = failure(tmp_path, log + raised(("E", "x")))
    assert [line for line in KEY if line in row["text"]] == []


WORDS = st.sampled_from(
    ["a", "\n", " ", "password=", "hunter-one", "postgresql://u:", "@h", '"', "{", "x" * 50, "é"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=60).map("".join), st.integers(0, 80), st.integers(1, 80))
def test_a_window_keeps_both_ends_in_order(text: str, head: int, tail: int) -> None:
    """What comes out begins and ends as the text did, or says that something is left out."""
    whole, small = Window(), Window(head, tail)
    for line in text.split("\n"):
        whole.add(line)
        small.add(line)
    kept = small.redacted()
    if "left out" not in kept and " ... " not in kept:
        assert kept == whole.redacted()


LOG_PIECES = st.sampled_from(
    [
        entry("x"),
        raised(("E", "y")),
        AIRFLOW_2 + "ERROR - Task failed with exception\n",
        AIRFLOW_2 + "INFO - Task exited with return code 0\n",
        "Killed\n",
        "Traceback (most recent call last):\n",
        '  File "x", line 1, in f\n',
        "    code\n",
        "E: z\n",
        "\n",
        "  + Exception Group Traceback (most recent call last):\n",
        "  | E: q\n",
        "  +-+---------------- 1 ----------------\n",
        "The above exception was the direct cause of the following exception:\n",
        '{"event": ',
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LOG_PIECES, max_size=14).map("".join))
def test_any_mixture_is_read_to_its_end(text: str) -> None:
    """Whatever stands where, reading ends, and a failure has a line of the log."""
    attempt = read_attempt(text_lines(text), is_failure=bool(text.strip()))
    if attempt.failed is None:
        assert not text.strip()
    else:
        assert 1 <= attempt.failed.line <= text.count("\n") + 1

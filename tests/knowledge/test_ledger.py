"""Ledgers: whole lines, appended in turns, by several writers and by one that is killed."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.knowledge.ledger import append, content_hash, read

NAME = "ledger/findings.jsonl"
LINES = 40


def _write(folder: Path, writer: int, count: int) -> None:
    for number in range(count):
        row = {"writer": writer, "number": number, "text": "é" * 2_000}
        append(folder, NAME, rows=lambda there, row=row: [row])


def test_writers_in_several_processes_append_whole_lines(tmp_path: Path) -> None:
    """Four processes at once: every line is there, whole, each writer's own in order."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(tmp_path, n, LINES // 4)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    rows, refused = read(tmp_path / NAME)
    assert refused == ()
    assert len(rows) == LINES
    for n in range(4):
        assert [r["number"] for r in rows if r["writer"] == n] == list(range(LINES // 4))


def test_a_writer_that_is_killed_leaves_whole_lines(tmp_path: Path) -> None:
    """Killed while it writes; what stands there parses, and the next writer has its turn."""
    writer = multiprocessing.get_context("spawn").Process(
        target=_write, args=(tmp_path, 0, 100_000)
    )
    writer.start()
    assert writer.pid is not None
    deadline = time.monotonic() + 20
    while not (tmp_path / NAME).exists() or (tmp_path / NAME).stat().st_size < 50_000:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    assert (tmp_path / NAME).read_bytes().endswith(b"\n")
    rows, refused = read(tmp_path / NAME)
    assert refused == ()
    append(tmp_path, NAME, rows=lambda there: [{"writer": 1, "number": len(there)}])
    assert read(tmp_path / NAME)[0][-1] == {"writer": 1, "number": len(rows)}


def test_a_line_that_was_cut_short_is_lost_alone(tmp_path: Path) -> None:
    """The next line begins on a line of its own; the torn one is named."""
    file = tmp_path / NAME
    file.parent.mkdir()
    file.write_bytes(b'{"a": 1}\n{"b": ')
    append(tmp_path, NAME, rows=lambda there: [{"c": 3}])
    rows, refused = read(file)
    assert rows == ({"a": 1}, {"c": 3})
    assert [r.at for r in refused] == ["line 2"]
    file.write_bytes(b"[1]\n\xff\n\n")
    assert [r.at for r in read(file)[1]] == ["line 1", "line 2"]


def test_nothing_to_append_makes_no_file(tmp_path: Path) -> None:
    """Whoever has nothing to say leaves no empty file behind."""
    assert append(tmp_path, NAME, rows=lambda there: []) == ()
    assert not (tmp_path / NAME).exists()
    assert read(tmp_path / NAME) == ((), ())


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """The message names the file and what to do."""
    (tmp_path / "ledger").write_text("a file where a folder belongs")
    with pytest.raises(WorkbenchError, match="--patterns"):
        append(tmp_path, NAME, rows=lambda there: [{}])


def test_the_hash_is_of_the_content() -> None:
    """Keys in another order are the same content, another value is not."""
    one = content_hash({"sha": "a", "names": ["x"]})
    assert one == content_hash({"names": ["x"], "sha": "a"})
    assert one != content_hash({"sha": "a", "names": ["y"]})
    assert json.dumps(one) == f'"{one}"'
    assert len(one) == 16

"""A load of failures is whole or not at all, and dirty input loses nothing but itself."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sources.task_log_trees import TRY, entry, raised, write
from workbench.bench import Bench, open_bench
from workbench.sources.failure_inputs import read_input
from workbench.sources.task_logs import shards

CHILD = """
import sys
from pathlib import Path
from workbench.bench import open_bench
from workbench.sources.failure_inputs import read_input
if __name__ == "__main__":
    bench = open_bench(Path(sys.argv[1]))
    print("begun", flush=True)
    bench.load(read_input(sys.argv[2], captures=Path(sys.argv[1]).parent))
    print("done", flush=True)
"""


KILLED_AT = """
import os
import signal
import sys
from pathlib import Path
from workbench.bench import failure_loads, open_bench
from workbench.sources.failure_inputs import read_input
if __name__ == "__main__":
    path, source, module, name, when = sys.argv[1:]
    home = getattr(failure_loads, module)
    does = getattr(home, name)
    def killed(*given, **named):
        if when == "after":
            does(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)
    setattr(home, name, killed)
    open_bench(Path(path)).load(read_input(source, captures=Path(path).parent))
"""


def load(bench: Bench, path: Path) -> Any:
    """Load what a path names."""
    return bench.load(read_input(str(path), captures=path.parent / "captures"))


def gathered(path: Path, count: int, *, first: int = 0) -> Path:
    """JSON lines with a text each."""
    with path.open("w") as file:
        for n in range(first, first + count):
            text = f"step {n}\nTraceback (most recent call last):\n  File \"x\"\nKeyError: 'k{n}'"
            file.write(json.dumps({"id": f"f{n}", "text": text}) + "\n")
    return path


@pytest.mark.parametrize("after", [0.05, 0.4])
def test_a_load_that_is_killed_changes_nothing(tmp_path: Path, after: float) -> None:
    """Killed at any moment, the store is as it was; the same load then completes it."""
    path = tmp_path / "a.duckdb"
    bench = open_bench(path)
    load(bench, gathered(tmp_path / "first.jsonl", 3))
    before = bench.failures().to_dicts()
    more = gathered(tmp_path / "more.jsonl", 4_000, first=100)
    command = [sys.executable, "-c", CHILD, str(path), str(more)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        time.sleep(after)
        os.kill(child.pid, signal.SIGKILL)
        is_done = "done" in child.stdout.read()
    found = open_bench(path)
    if not is_done and len(found.failures()) == 3:
        assert found.failures().to_dicts() == before
    assert len(found.failures()) in (3, 4_003)
    load(found, more)
    assert len(found.failures()) == 4_003
    assert found.rejections().is_empty()


@pytest.mark.parametrize(
    "moment",
    [
        ("failure_rows", "begin", "after"),
        ("failure_rows", "write_failures", "before"),
        ("failure_rows", "write_failures", "after"),
        ("failure_rows", "finish", "after"),
        ("writers", "forget_rejections", "after"),
        ("writers", "insert_rejections", "after"),
    ],
    ids=" ".join,
)
def test_each_step_of_a_load_may_be_its_last(tmp_path: Path, moment: tuple[str, ...]) -> None:
    """Killed behind any of its steps, nothing of it is there; run again it is whole."""
    path = tmp_path / "a.duckdb"
    bench = open_bench(path)
    tried = gathered(tmp_path / "f.jsonl", 3)
    load(bench, tried)
    before = (bench.failures().to_dicts(), bench.rejections().to_dicts())
    # one failure goes, one stays, one is another, two are new, and a line is refused
    gathered(tried, 4, first=1)
    with tried.open("a") as file:
        file.write('{"id": "f9", "text": 9}\n')
    command = [sys.executable, "-c", KILLED_AT, str(path), str(tried), *moment]
    assert subprocess.run(command, check=False, capture_output=True).returncode == -signal.SIGKILL
    found = open_bench(path)
    assert (found.failures().to_dicts(), found.rejections().to_dicts()) == before
    load(found, tried)
    assert found.failures()["failure_id"].sort().to_list() == ["f1", "f2", "f3", "f4"]
    assert len(found.rejections()) == 1


def test_shards_count_lines_as_the_file_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever a file is cut, each line is read once, and its place is its place in the file."""
    path = gathered(tmp_path / "a.jsonl", 40)
    lines = path.read_text().splitlines()
    lines[7], lines[23] = "{broken", '{"id": "n"}'
    path.write_text("\n".join(lines) + "\n")
    whole = open_bench(tmp_path / "whole.duckdb")
    load(whole, path)
    for size in (97, 700, 1_000):
        monkeypatch.setattr(shards, "SHARD_BYTES", size)
        monkeypatch.setattr(shards, "WORTH_WORKERS", 10_000_000)
        cut = open_bench(tmp_path / f"{size}.duckdb")
        load(cut, path)
        assert cut.failures().equals(whole.failures()), size
        assert cut.rejections().equals(whole.rejections()), size
    assert [r["at"] for r in whole.rejections().to_dicts()] == ["line 24", "line 8"]


def test_two_processes_read_what_one_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows, their order and their places are the same."""
    path = gathered(tmp_path / "a.jsonl", 300)
    one, two = open_bench(tmp_path / "one.duckdb"), open_bench(tmp_path / "two.duckdb")
    load(one, path)
    monkeypatch.setattr(shards, "SHARD_BYTES", 4_000)
    load(two, path)
    assert one.failures().equals(two.failures())


def dirty(rng: random.Random, how: int) -> bytes:
    """A log that something bad happened to."""
    good = (entry("Starting") + raised(("KeyError", "'a'"), ("OSError", "b")) * 2).encode()
    if how == 0:
        return good[: rng.randrange(len(good))]
    if how == 1:
        return rng.randbytes(3_000)
    if how == 2:
        return good.replace(b"a", b"\x00", 3)
    if how == 3:
        return good.decode().encode("utf-16")
    if how == 4:
        return b"x" * 1_500_000 + b"\n" + good
    if how == 5:
        at = rng.randrange(len(good))
        return good[:at] + rng.randbytes(20) + good[at:]
    return good.replace(b"2026", b"9926").replace(b"06:00", b"-6:00")


def test_dirty_logs_lose_nothing_but_themselves(tmp_path: Path) -> None:
    """Cut, binary, NULs, other encodings, endless lines, clocks gone wild: the rest is loaded."""
    rng = random.Random(4)
    root = tmp_path / "logs"
    for n in range(21):
        write(root, dirty(rng, n % 7), TRY.replace("task_id=t", f"task_id=bad{n}"))
        write(root, raised(("E", str(n))), TRY.replace("task_id=t", f"task_id=good{n}"))
    bench = open_bench(tmp_path / "a.duckdb")
    result = load(bench, root)
    rows = bench.failures().to_dicts()
    good = {row["task_id"]: row["message"] for row in rows if str(row["task_id"]).startswith("g")}
    assert good == {f"good{n}": str(n) for n in range(21)}
    assert result.rejected == len(bench.rejections())
    again = load(bench, root)
    assert (again.loaded, again.unchanged) == (0, result.loaded)
    assert not [row for row in rows if "\x00" in (row["text"] or "") and not row["task_id"]]


@pytest.mark.parametrize(
    "damaged",
    [
        lambda log: b"\0" * 4096 + log,
        lambda log: log.replace(b"qty", b"q\0ty"),
        lambda log: log + b"\0" * 4096,
        lambda log: log.decode().encode("utf-16"),
    ],
    ids=["before", "inside", "behind", "every second byte"],
)
def test_nuls_hide_no_failure(tmp_path: Path, damaged: Callable[[bytes], bytes]) -> None:
    """Left out wherever they stand, and told with their place."""
    write(tmp_path / "logs", damaged(raised(("KeyError", "'qty'")).encode()))
    bench = open_bench(tmp_path / "a.duckdb")
    load(bench, tmp_path / "logs")
    assert bench.failures().select("exception", "message").rows() == [("KeyError", "'qty'")]
    assert bench.rejections()["reason"].str.contains("NULs|UTF-8").all()
    assert not bench.rejections().is_empty()


def test_a_log_that_ends_in_a_traceback_is_a_failure(tmp_path: Path) -> None:
    """The process died while it wrote: what is there says that it failed."""
    log = (
        "[2026-03-02T04:05:00.116+0000] {taskinstance.py:3313} ERROR - Task failed with exception\n"
        'Traceback (most recent call last):\n  File "/opt/a.py", line 7, in run\n    self.'
    )
    bench = open_bench(tmp_path / "a.duckdb")
    load(bench, write(tmp_path / "logs", log))
    (row,) = bench.failures().to_dicts()
    assert row["message"] == "Task failed with exception"


def test_an_endless_line_takes_little_memory(tmp_path: Path) -> None:
    """A line of 60 MB is cut, told, and the lines around it are read."""
    path = gathered(tmp_path / "a.jsonl", 2)
    with path.open("ab") as file:
        file.write(b'{"id": "long", "text": "' + b"y" * 60_000_000 + b'"}\n')
        file.write(json.dumps({"id": "last", "text": "ValueError: z"}).encode() + b"\n")
    script = (
        "import sys; from pathlib import Path\n"
        "from workbench.domain.loading import Known\n"
        "from workbench.sources.task_logs import read_failures, shards\n"
        "shards.WORTH_WORKERS = 10**9\n"
        "read = read_failures(sys.argv[1]).read(Known())\n"
        "rows = sum(b.frames['failures'].height for b in read)\n"
        # what getrusage tells is never less than the process was that forked this one
        "status = dict(x.split(':') for x in Path('/proc/self/status').open() if ':' in x)\n"
        "print(rows, int(status['VmHWM'].split()[0]) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    rows, megabytes = map(int, done.stdout.split())
    assert rows == 3
    assert megabytes < 400


def test_two_installations_are_told_apart_by_a_name(tmp_path: Path) -> None:
    """The same run of the same DAG in two places is two failures when each has a name."""
    bench = open_bench(tmp_path / "a.duckdb")
    for name in ("east", "west"):
        root = write(tmp_path / name / "logs", raised(("E", name)))
        bench.load(read_input(str(root), captures=tmp_path, site=name))
    assert bench.failures()["site"].sort().to_list() == ["east", "west"]

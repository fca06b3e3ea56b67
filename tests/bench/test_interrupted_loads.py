"""Loads that are killed, interrupted or doubled: the store is as before or complete."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workbench.bench import open_bench
from workbench.shipped_files import shipped
from workbench.sources.git import read_git

CASE = shipped("fixtures") / "cases" / "2026-02-scheduler"


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature upstream as a bare repository."""
    target = tmp_path_factory.mktemp("up") / "up.git"
    subprocess.run([sys.executable, CASE / "upstream.py", target], check=True)
    return target


def _load(bench: Path, upstream: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "workbench.cli", "load", "git", str(upstream), *more]
    return subprocess.Popen(
        [*command, "--bench", str(bench), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _state(bench: Path) -> tuple[int, int, int]:
    """Commits, changes with facts, delta rows."""
    store = open_bench(bench).store
    counts = (
        "SELECT (SELECT count(*) FROM commits) AS c, (SELECT count(*) FROM change_facts) AS f, "
        "(SELECT count(*) FROM definitions_deltas) + (SELECT count(*) FROM guards_deltas) AS d"
    )
    return store.frame(counts).row(0)  # type: ignore[return-value]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, upstream: Path) -> tuple[int, int, int]:
    """What one undisturbed load gives."""
    bench = tmp_path_factory.mktemp("whole") / "b.duckdb"
    with _load(bench, upstream) as process:
        assert process.wait() == 0
    return _state(bench)


@pytest.mark.parametrize("tenths", [6, 10, 15])
def test_a_load_that_is_killed_finishes_when_it_is_run_again(
    tmp_path: Path, upstream: Path, whole: tuple[int, int, int], tenths: int
) -> None:
    """SIGKILL at several moments: no half commit is there, and running it again gives the whole."""
    bench = tmp_path / "b.duckdb"
    with _load(bench, upstream) as process:
        time.sleep(tenths / 10)
        process.kill()
    if bench.exists():
        commits, facts, _ = _state(bench)
        assert commits in (0, whole[0])
        assert facts <= whole[1]
    with _load(bench, upstream) as process:
        assert process.wait() == 0
    assert _state(bench) == whole


def test_an_interrupted_load_says_so_and_leaves_no_child(
    tmp_path: Path, upstream: Path, whole: tuple[int, int, int]
) -> None:
    """Ctrl-C: exit code 130, one sentence, git's children gone, and the next run completes."""
    bench = tmp_path / "b.duckdb"
    process = subprocess.Popen(
        [sys.executable, "-c", _SLOW.format(bench=str(bench), repo=str(upstream))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "inside\n"
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "nothing is half-written" in said
    assert _state(bench)[0] == 0
    listed = subprocess.run(
        ["ps", "-o", "args=", "-g", str(process.pid)], capture_output=True, text=True, check=False
    )
    assert "git" not in listed.stdout
    with _load(bench, upstream) as again:
        assert again.wait() == 0
    assert _state(bench) == whole


_SLOW = """
import sys, time
from workbench.cli import main
from workbench.store import writers
kept = writers.insert_history
def slow(*given, **named):
    done = kept(*given, **named)
    print("inside", flush=True)
    time.sleep(20)
    return done
writers.insert_history = slow
main(["load", "git", {repo!r}, "--bench", {bench!r}])
"""


def test_two_loads_at_once_both_finish_and_load_once(
    tmp_path: Path, upstream: Path, whole: tuple[int, int, int]
) -> None:
    """They take turns; the second finds what the first has written."""
    bench = tmp_path / "b.duckdb"
    first, second = _load(bench, upstream), _load(bench, upstream)
    said = [process.communicate(timeout=120) for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], said
    assert _state(bench) == whole


def test_the_next_load_reads_only_what_is_new(tmp_path: Path, upstream: Path) -> None:
    """Commits that were loaded are neither read nor written again; new ones are."""
    clone = tmp_path / "up.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(upstream), str(clone)], check=True)
    git = ["git", "-C", str(clone)]
    head = subprocess.run(
        [*git, "symbolic-ref", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    tip = subprocess.run(
        [*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    subprocess.run([*git, "update-ref", head, "HEAD~2"], check=True)
    bench = open_bench(tmp_path / "b.duckdb")
    first = bench.load(read_git(clone))
    subprocess.run([*git, "update-ref", head, tip], check=True)
    second = bench.load(read_git(clone))
    assert (second.loaded, second.unchanged) == (2, first.loaded)
    bench.ensure_facts()
    version = bench.store.version()
    bench.ensure_facts()
    assert bench.store.version() == version

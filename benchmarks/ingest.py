"""How close a load of a whole history comes to bare git: wall, CPU and peak memory, run by run.

The floor is what no loader that lets git make the patches can beat: ``git log`` with the same
patches in two processes, on two halves of equal patch volume, to the null device. Floor and load
alternate; the figure is the median.

    python benchmarks/ingest.py REPOSITORY [--branch main] [--all] [--runs 3]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import psutil

from workbench.domain.loading import Known
from workbench.sources.git import CORE_PATHSPEC, read_git

SAMPLE_SECONDS = 0.1
RAW_BYTES, HUNK_BYTES = 450, 60
"""What git prints for a changed file and for a hunk besides their text, about."""


@dataclass(kw_only=True)
class Run:
    """What one run took; ``pss_bytes`` is the largest sum over the process tree."""

    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    pss_bytes: int = 0


@contextmanager
def measured(processes: Sequence[subprocess.Popen[bytes]]) -> Iterator[Run]:
    """Measure processes that were just started until the block, and then they, have ended."""
    run, started, done = Run(), time.perf_counter(), threading.Event()

    def sample() -> None:
        while not done.wait(SAMPLE_SECONDS):
            run.pss_bytes = max(run.pss_bytes, sum(tree_pss(p.pid) for p in processes))

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield run
        for process in processes:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            run.cpu_seconds += usage.ru_utime + usage.ru_stime
            if process.returncode:
                sys.exit(f"{process.args} ended with {process.returncode}")
        run.wall_seconds = time.perf_counter() - started
    finally:
        done.set()
        sampler.join()


def tree_pss(pid: int) -> int:
    """Proportional set sizes of a process and all below it, summed."""
    total = 0
    try:
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            total += process.memory_full_info().pss
    except psutil.Error:
        pass  # it ended between two looks
    return total


@dataclass(kw_only=True)
class History:
    """What is measured: a branch, how much git prints for it, and where half of that is printed."""

    repository: Path
    branch: str
    core_only: bool
    counts: dict[str, int] = field(default_factory=dict)
    middle: str = ""

    def read(self) -> Run:
        """Read it once in this process: counts, the middle, and a warm page cache."""
        source = read_git(self.repository, branch=self.branch, core_only=self.core_only)
        started, cpu = time.perf_counter(), os.times()
        parts: list[pl.DataFrame] = []
        self.counts = dict.fromkeys(("commits", "file_changes", "hunks", "rejections"), 0)
        for batch in source.read(Known()):
            hunk = pl.col("removed").str.len_bytes() + pl.col("added").str.len_bytes() + HUNK_BYTES
            hunks = batch.frames["hunks"].group_by("change_id").agg(hunk.sum().alias("hunk"))
            changes = batch.frames["file_changes"].join(hunks, on="change_id", how="left")
            bytes_ = changes.group_by("commit_id").agg(
                (pl.col("hunk").fill_null(0) + RAW_BYTES).sum().alias("bytes")
            )
            commits = batch.frames["commits"].join(bytes_, on="commit_id", how="left")
            parts.append(commits.select("sha", pl.col("bytes").fill_null(0)))
            for name, frame in batch.frames.items():
                self.counts[name] += len(frame)
            self.counts["rejections"] += len(batch.rejections)
        now = os.times()
        run = Run(
            wall_seconds=time.perf_counter() - started,
            cpu_seconds=sum(now[:4]) - sum(cpu[:4]),
        )
        volume = pl.concat(parts).with_columns(pl.col("bytes").cum_sum())
        half = volume.filter(pl.col("bytes") >= volume["bytes"][-1] / 2)
        self.middle = half["sha"][0]
        return run

    def floor(self) -> Run:
        """Bare git on both halves at once."""
        command = ["git", "-C", str(self.repository), "log", "--first-parent", "-p", "-U0", "-M"]
        paths = ["--", *CORE_PATHSPEC] if self.core_only else ["--"]
        spans = [f"{self.middle}..{self.branch}", self.middle]
        with measured(
            [
                subprocess.Popen([*command, "--raw", span, *paths], stdout=subprocess.DEVNULL)
                for span in spans
            ]
        ) as run:
            pass
        return run

    def load(self, bench: Path) -> Run:
        """Load it into a bench with the command line, interpreter start and commit included."""
        program = str(Path(sys.executable).parent / "workbench")
        core = ["--core-only"] if self.core_only else []
        command = [program, "load", "git", str(self.repository), "--branch", self.branch, *core]
        tail = ["--no-facts", "--bench", str(bench), "--json"]
        with measured(
            [subprocess.Popen([*command, *tail], stdout=subprocess.DEVNULL, stderr=2)]
        ) as run:
            pass
        return run


def main() -> None:
    """Measure, and print one line a run and the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--branch", default="main")
    parser.add_argument("--all", action="store_true", help="every file, not only core")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    history = History(repository=given.repository, branch=given.branch, core_only=not given.all)
    reading = history.read()
    print(", ".join(f"{count:,} {name}" for name, count in history.counts.items()))
    print(f"reading alone: {reading.wall_seconds:.2f} s, CPU {reading.cpu_seconds:.2f} s")
    floors: list[Run] = []
    loads: list[Run] = []
    again: list[Run] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(given.runs):
            bench = Path(folder) / f"{number}.duckdb"
            floors.append(history.floor())
            loads.append(history.load(bench))
            size = bench.stat().st_size / 1e6
            again.append(history.load(bench))
            print(
                f"run {number + 1}: floor {floors[-1].wall_seconds:.2f} s "
                f"(CPU {floors[-1].cpu_seconds:.2f}), load {loads[-1].wall_seconds:.2f} s "
                f"(CPU {loads[-1].cpu_seconds:.2f}), "
                f"ratio {loads[-1].wall_seconds / floors[-1].wall_seconds:.2f} "
                f"(CPU {loads[-1].cpu_seconds / floors[-1].cpu_seconds:.2f}), "
                f"peak {loads[-1].pss_bytes / 2**20:.0f} MiB, file {size:.0f} MB, "
                f"nothing new {again[-1].wall_seconds:.2f} s"
            )

    def median(runs: Sequence[Run], what: str) -> float:
        return statistics.median(getattr(run, what) for run in runs)

    for what in ("wall_seconds", "cpu_seconds"):
        floor, load = median(floors, what), median(loads, what)
        print(f"median {what}: floor {floor:.2f}, load {load:.2f}, ratio {load / floor:.2f}")


if __name__ == "__main__":
    main()

"""How long an edited detector takes over all that is loaded, warm in one process, and cold.

    python benchmarks/detectors.py BENCH [--runs 9]

Each detector runs once to bring the frames it needs into memory, then ``--runs`` times; every run
is given a query or expression that was not seen before, as after an edit.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import time
from collections.abc import Callable

import polars as pl

from workbench.analysis.history.detect import detect
from workbench.analysis.history.triage import triage
from workbench.bench import open_bench
from workbench.domain.patterns import Pattern, SqlDetector, TextDetector


def edited(pattern: Pattern, run: int) -> Pattern:
    """The same pattern with a detector text that nothing has seen before."""
    detector = pattern.detector
    if isinstance(detector, SqlDetector):
        text = f"{detector.text.rstrip().rstrip(';')}\n-- edit {run}\n"
        return dataclasses.replace(pattern, detector=dataclasses.replace(detector, text=text))
    added = f"(?:{detector.added})|edit{run}"
    return dataclasses.replace(pattern, detector=dataclasses.replace(detector, added=added))


def timed(call: Callable[[int], int], runs: int) -> tuple[int, float, float]:
    """Rows, median and longest milliseconds of several runs after one that does not count."""
    rows, took = call(-1), []
    for run in range(runs):
        started = time.perf_counter()
        rows = call(run)
        took.append(1000 * (time.perf_counter() - started))
    return rows, statistics.median(took), max(took)


def main() -> None:
    """Print one line a detector."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench")
    parser.add_argument("--runs", type=int, default=9)
    given = parser.parse_args()
    bench = open_bench(given.bench)
    history, hot_paths = bench.history(), bench.catalogue.hot_paths()
    print(f"{history.commits.height:,} commits")
    text = dataclasses.replace(
        bench.catalogue.pattern("A"),
        id="text-both-sides",
        message="x",
        detector=TextDetector(added=r"(?m)^\s*session\.(?:query|scalars?)\(", removed=r"return"),
    )
    for pattern in (*bench.catalogue.patterns(), text):
        rows, median, longest = timed(
            lambda run, pattern=pattern: (
                detect(edited(pattern, run), history, hot_paths=hot_paths).height
            ),
            given.runs,
        )
        print(
            f"{pattern.id:<28} {rows:>6,} hits  {median:7.0f} ms median  {longest:7.0f} ms longest"
        )
    rules = bench.catalogue.triage_rules()
    rows, median, longest = timed(lambda _: triage(history, rules).height, given.runs)
    print(f"{'triage':<28} {rows:>6,} rows  {median:7.0f} ms median  {longest:7.0f} ms longest")
    day = history.commits.select(pl.col("committed_utc").max()).item()
    print(f"newest commit {day}")


if __name__ == "__main__":
    main()

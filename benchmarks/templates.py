"""Templates of log lines: grouping accuracy on labelled logs, and lines per second.

    python benchmarks/templates.py LOGHUB [--lines 1000000] [--alone 100000]

``LOGHUB`` is a copy of the public repository logpai/loghub, which is not shipped with this one:
16 systems, 2,000 labelled lines each. Drain3 alone sees the same lines with the masks of its own
example configuration, and for the time the first ``--alone`` of the same lines, because it takes
minutes for them all. No setting differs between the sets.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from workbench.analysis.failures.templates import line_templates

# the masks of drain3.ini in Drain3's own examples
DRAIN_MASKS = (
    (r"((?<=[^A-Za-z0-9])|^)(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))((?=[^A-Za-z0-9])|$)", "ID"),
    (r"((?<=[^A-Za-z0-9])|^)(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})((?=[^A-Za-z0-9])|$)", "IP"),
    (r"((?<=[^A-Za-z0-9])|^)([0-9a-f]{6,} ?){3,}((?=[^A-Za-z0-9])|$)", "SEQ"),
    (r"((?<=[^A-Za-z0-9])|^)([0-9A-F]{4} ?){4,}((?=[^A-Za-z0-9])|$)", "SEQ"),
    (r"((?<=[^A-Za-z0-9])|^)(0x[a-f0-9A-F]+)((?=[^A-Za-z0-9])|$)", "HEX"),
    (r"((?<=[^A-Za-z0-9])|^)([\-\+]?\d+)((?=[^A-Za-z0-9])|$)", "NUM"),
)
DRAIN_SIMILARITY = 0.4


def labelled(folder: Path) -> list[tuple[str, pl.Series, list[str]]]:
    """Return name, contents and labels of each set."""
    sets = []
    for file in sorted(folder.glob("*/*_2k.log_structured.csv")):
        rows = pl.read_csv(file, infer_schema=False)
        contents = rows["Content"].fill_null("")
        sets.append((file.parent.name, contents, rows["EventId"].fill_null("").to_list()))
    return sets


def drain_alone(lines: Sequence[str]) -> list[int]:
    """Return the group of each line as Drain3 finds it, line by line."""
    from drain3.drain import Drain

    masks = [(re.compile(pattern), f"<{name}>") for pattern, name in DRAIN_MASKS]
    drain = Drain(sim_th=DRAIN_SIMILARITY)
    groups = []
    for line in lines:
        for pattern, name in masks:
            line = pattern.sub(name, line)
        groups.append(drain.add_log_message(line)[0].cluster_id)
    return groups


def ours(lines: Sequence[str]) -> list[str]:
    """Return the template's id of each line."""
    return line_templates(pl.Series(lines, dtype=pl.String)).ids.to_list()


def accuracy(found: Sequence[object], labels: Sequence[str]) -> tuple[float, float]:
    """Return GA, the share of lines in exactly right groups, and FGA, their F1 by groups."""
    sizes, truth = Counter(found), Counter(labels)
    together = Counter(zip(found, labels, strict=True))
    right = {pair: n for pair, n in together.items() if sizes[pair[0]] == n == truth[pair[1]]}
    precision, recall = len(right) / len(sizes), len(right) / len(truth)
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return sum(right.values()) / len(labels), f1


def many(sets: Sequence[tuple[str, pl.Series, list[str]]], count: int) -> list[str]:
    """Return that many lines of all sets, with digits drawn anew."""
    draw = random.Random(4)
    lines = [line for _, contents, _ in sets for line in contents.to_list()]
    digits = "0123456789"
    chosen = draw.choices(lines, k=count)
    return [
        "".join(draw.choice(digits) if c in digits else c for c in line)
        if any(c in digits for c in line)
        else line
        for line in chosen
    ]


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return wall and processor seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("loghub", type=Path)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--alone", type=int, default=100_000)
    given = parser.parse_args()
    sets = labelled(given.loghub)
    means: list[tuple[float, ...]] = []
    for name, contents, labels in sets:
        lines = contents.to_list()
        row = (*accuracy(drain_alone(lines), labels), *accuracy(ours(lines), labels))
        means.append(row)
        print(f"{name:12} Drain3 GA {row[0]:.3f} FGA {row[1]:.3f}  ours {row[2]:.3f} {row[3]:.3f}")
    mean = [sum(column) / len(means) for column in zip(*means, strict=True)]
    print(
        f"{'mean':12} Drain3 GA {mean[0]:.3f} FGA {mean[1]:.3f}  ours {mean[2]:.3f} {mean[3]:.3f}"
    )
    if not given.lines:
        return
    lines = many(sets, given.lines)
    series = pl.Series(lines, dtype=pl.String)
    line_templates(series.head(1000))
    print(f"load {os.getloadavg()[0]:.1f}, {len(lines):,} lines, {series.n_unique():,} distinct")
    wall, cpu = timed(lambda: line_templates(series))
    some = lines[: given.alone]
    alone_wall, alone_cpu = (len(lines) / len(some) * s for s in timed(lambda: drain_alone(some)))
    for name, by_clock, by_cpu in (("ours", wall, cpu), ("Drain3 alone", alone_wall, alone_cpu)):
        print(
            f"{name:12} {len(lines) / by_clock:>12,.0f} lines/s {len(lines) / by_cpu:>12,.0f}/CPU s"
        )
    print(f"ratio {alone_wall / wall:.1f} by the clock, {alone_cpu / cpu:.1f} by CPU time")


if __name__ == "__main__":
    main()

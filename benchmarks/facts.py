"""How long the facts and deltas of a whole history take, how many there are, and are they true.

Facts: wall, CPU and peak memory of the extraction with two workers, Parquet written, from bare
changes. Deltas: all of them from those files. Truth: random versions read by segments and read
whole have to say the same.

    python benchmarks/facts.py REPOSITORY [--branch main] [--since 2024-01-01] [--versions 500]
"""

from __future__ import annotations

import argparse
import functools
import os
import random
import resource
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
from ingest import tree_pss

from workbench.analysis.history.deltas import deltas
from workbench.domain.facts import FACT_TABLES
from workbench.sources.git import CORE_PATHSPEC, read_blobs
from workbench.sources.python_facts import extract
from workbench.sources.python_facts.parsing import Unparsed, parse, quiet
from workbench.sources.python_facts.segments import Segments, source_text
from workbench.sources.python_facts.syntax import Segment
from workbench.sources.python_facts.visitors import VISITORS

SAMPLE_SECONDS = 0.5  # looking at every page costs CPU itself
FILES = frozenset({"000000", "100644", "100755"})
CHANGE = {"change_id": pl.UInt32, "commit_id": pl.UInt32, "old_path": pl.String}
CHANGE |= {"path": pl.String, "old_blob": pl.String, "new_blob": pl.String}


def core_changes(repository: Path, branch: str, since: str | None) -> pl.DataFrame:
    """Core Python files that each first-parent commit changed, root first."""
    dates = [f"--since={since}"] if since else []
    command = ["git", "-C", str(repository), "log", "--first-parent", "--reverse", "--raw", "-M"]
    command += ["--no-abbrev", "-z", "--format=%x01", *dates, branch, "--", *CORE_PATHSPEC]
    out = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    rows: list[tuple[object, ...]] = []
    for commit, chunk in enumerate(out.decode(errors="replace").split("\x01")[1:]):
        words = iter(chunk.replace("\n:", ":").split("\0"))
        for word in words:
            if not word.startswith(":"):
                continue
            old_mode, new_mode, old, new, status = word[1:].split(" ")
            old_path = path = next(words)
            if status[0] in "RC":
                path = next(words)
            if {old_mode, new_mode} <= FILES:
                blobs = (None if status == "A" else old, None if status == "D" else new)
                rows.append((len(rows), commit, old_path, path, *blobs))
    return pl.DataFrame(rows, schema=CHANGE, orient="row")


def timed(name: str, work: Callable[[], object]) -> None:
    """Run and say wall seconds, CPU seconds of all processes and their largest sum of PSS."""
    done, peak = threading.Event(), [0]

    def sample() -> None:
        while not done.wait(SAMPLE_SECONDS):
            peak[0] = max(peak[0], tree_pss(os.getpid()))

    sampler = threading.Thread(target=sample)
    before, started = cpu_seconds(), time.perf_counter()
    sampler.start()
    work()
    wall = time.perf_counter() - started
    done.set()
    sampler.join()
    cpu = cpu_seconds() - before
    load = os.getloadavg()[0]
    print(f"{name}: {wall:.1f} s wall, {cpu:.1f} s CPU, {peak[0] / 1e9:.2f} GB, load {load:.1f}")


def cpu_seconds() -> float:
    """Of this process and its children that have ended."""
    both = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def write_facts(changes: pl.DataFrame, repository: Path, folder: Path) -> None:
    """Extract and write one file per table and shard; a segment's facts once."""
    seen = pl.Series("segment_id", [], dtype=pl.UInt64)
    rejected, note = Counter[str](), ""
    for at, batch in enumerate(extract(changes, blobs=functools.partial(read_blobs, repository))):
        fresh = batch.frames["segments"].filter(~pl.col("segment_id").is_in(seen.implode()))
        seen = pl.concat([seen, fresh["segment_id"]])
        for name, frame in batch.frames.items():
            mine = frame.join(fresh, on="segment_id", how="semi") if name in FACT_TABLES else frame
            (mine if name != "segments" else fresh).write_parquet(folder / f"{name}-{at}.parquet")
        rejected.update(rejection.reason.partition(": ")[2] for rejection in batch.rejections)
        note = batch.note
    print(note)
    print(f"rejected: {rejected.most_common(5)}")


def derive(changes: pl.DataFrame, folder: Path) -> None:
    """All deltas of the facts in a folder."""
    names = ("segments", "change_facts", "change_segments", *FACT_TABLES)
    frames = {name: pl.read_parquet(folder / f"{name}-*.parquet") for name in names}
    print({name: frame.height for name, frame in frames.items()})
    made = deltas(changes, frames["change_facts"], frames["change_segments"], frames)
    for name, frame in made.items():
        print(name, frame.height, dict(sorted(frame["change"].value_counts().rows())))


def facts_of(owner: str, text: bytes, line: int) -> Counter[tuple[object, ...]] | None:
    """Facts of a piece of text with their place in the file; none when it does not parse."""
    body = parse(text, in_class=bool(owner))
    if isinstance(body, Unparsed):
        return None
    segment, found = Segment(text, body, in_class=bool(owner)), Counter[tuple[object, ...]]()
    for family, visit in VISITORS.items():
        for qualname, offset, *rest in visit(segment):
            full = ".".join(part for part in (owner, str(qualname)) if part)
            if family == "definitions":
                del rest[1]  # whether it is public depends on the class too
            found[family, full, int(str(offset)) + line, repr(rest)] += 1
    return found


def compare(changes: pl.DataFrame, repository: Path, versions: int) -> None:
    """Read random versions by segments and whole, and count what only one way finds."""
    blobs = pl.concat([changes["old_blob"], changes["new_blob"]]).drop_nulls().unique().sort()
    chosen = random.Random(1).sample(blobs.to_list(), min(versions, len(blobs)))
    found, counts = Counter[str](), Counter[str]()
    with quiet():
        for _, data in read_blobs(repository, chosen):
            text = source_text(data or b"")
            whole = facts_of("", text, 1)
            segments = Segments()
            parts = [
                facts_of(*segments.texts[number], line)
                for number, line in zip(*segments.cut(text), strict=True)
            ]
            if whole is None:
                counts["unparsed"] += 1
            elif None in parts:
                counts["read whole"] += 1
            else:
                together = sum((part for part in parts if part), Counter[tuple[object, ...]]())
                counts["missed"] += (whole - together).total()
                counts["invented"] += (together - whole).total()
                counts["segments"] += len(parts)
                for key, n in whole.items():
                    found[str(key[0])] += n
    print(f"truth: {len(chosen)} versions, {dict(counts)}, facts compared: {dict(found)}")


def main() -> None:
    """Measure the repository that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--branch", default="main")
    parser.add_argument("--since")
    parser.add_argument("--versions", type=int, default=500)
    options = parser.parse_args()
    changes = core_changes(options.repository, options.branch, options.since)
    print(f"{changes.height} changes of {changes['commit_id'].n_unique()} commits")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        timed("facts", lambda: write_facts(changes, options.repository, folder))
        timed("deltas", lambda: derive(changes, folder))
    compare(changes, options.repository, options.versions)


if __name__ == "__main__":
    main()

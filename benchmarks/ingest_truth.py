"""Whether what is read from a history is what git says, by ways that share no code with the reader.

Three questions, over a whole first-parent line: do the counts of commits, changed files, renames
and hunks equal those of a plain ``git log`` stream; do the line counts equal ``--numstat``; do the
hunks, applied to the blob before, give the blob after.

    python benchmarks/ingest_truth.py REPOSITORY [--branch main] [--all] [--every 40]
"""

from __future__ import annotations

import argparse
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from workbench.domain.loading import Known
from workbench.sources.git import CORE_PATHSPEC, GitSource, read_blobs, read_git

BLOBS_AT_ONCE = 400


def log_lines(repository: Path, *args: str) -> Iterator[bytes]:
    """Lines of a plain ``git log --first-parent``."""
    command = ["git", "-C", str(repository), "log", "--first-parent", "-M", *args]
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=1 << 20) as child:
        assert child.stdout is not None
        yield from child.stdout


def counted(repository: Path, branch: str, paths: list[str]) -> Counter[str]:
    """What a line-by-line look at the plain stream counts."""
    found: Counter[str] = Counter()
    left = [0, 0]
    for line in log_lines(repository, "-p", "-U0", "--raw", "--format=%H", branch, "--", *paths):
        if any(left):
            # Inside a hunk: as many lines as its head said, whatever they look like.
            if line.startswith(b"-"):
                left[0] -= 1
            elif line.startswith(b"+"):
                left[1] -= 1
        elif line.startswith(b"@@ -"):
            found["hunks"] += 1
            for side, word in enumerate(line.split()[1:3]):
                left[side] = int(word.partition(b",")[2] or 1)
                found["added_lines" if side else "removed_lines"] += left[side]
        elif line.startswith(b":"):
            found["file_changes"] += 1
            found["renames"] += line.split(b"\t")[0].split()[-1].startswith(b"R")
    return found


def read_frames(source: GitSource) -> dict[str, pl.DataFrame]:
    """All that the source gives, with ids that count through."""
    frames: dict[str, list[pl.DataFrame]] = {"commits": [], "file_changes": [], "hunks": []}
    commits = changes = 0
    for batch in source.read(Known()):
        if not batch.frames:
            continue
        by_commit, by_change = pl.col("commit_id") + commits, pl.col("change_id") + changes
        frames["commits"].append(batch.frames["commits"].with_columns(by_commit))
        both = batch.frames["file_changes"].with_columns(by_commit, by_change)
        frames["file_changes"].append(both)
        frames["hunks"].append(batch.frames["hunks"].with_columns(by_change))
        commits += len(batch.frames["commits"])
        changes += len(both)
    return {name: pl.concat(parts) for name, parts in frames.items()}


def numstat_differences(
    repository: Path, frames: dict[str, pl.DataFrame], *, paths: list[str], every: int
) -> str:
    """Line counts of every n-th commit against ``--numstat``, which diffs on its own."""
    changes = frames["file_changes"].join(frames["commits"].select("commit_id", "sha"), "commit_id")
    ours = {
        (sha, path): (added, removed)
        for sha, path, added, removed in changes.select(
            "sha", "path", "added_lines", "removed_lines"
        ).iter_rows()
    }
    shas = frames["commits"]["sha"].gather_every(every).to_list()
    compared = differing = lines = 0
    for sha in shas:
        for line in log_lines(repository, "--numstat", "-z", "--format=", "-1", sha, "--", *paths):
            fields = line.rstrip(b"\0\n").split(b"\0")
            while fields:
                added, removed, path = fields.pop(0).split(b"\t")
                if not path:  # a rename: both names follow
                    path = fields[1]
                    del fields[:2]
                mine = ours.get((sha, path.decode("utf-8", "replace")))
                if mine is None or added == b"-":
                    continue
                compared += 1
                wrong = abs(mine[0] - int(added)) + abs(mine[1] - int(removed))
                differing += wrong > 0
                lines += wrong
    return f"{compared:,} changes of {len(shas):,} commits: {differing} differ, by {lines} lines"


def unequal_after_applying(
    source: GitSource, frames: dict[str, pl.DataFrame], *, every: int
) -> str:
    """Every n-th text change: the hunks on the old blob against the new blob."""
    sample = (
        frames["file_changes"]
        .filter(~pl.col("is_binary") & (pl.col("status") != "T"))
        .gather_every(every)
        .filter(pl.col("old_blob").is_not_null() & pl.col("new_blob").is_not_null())
    )
    wanted = sample["change_id"].implode()
    hunks = (
        frames["hunks"]
        .filter(pl.col("change_id").is_in(wanted))
        .partition_by("change_id", as_dict=True)
    )
    wrong = done = 0
    for part in sample.iter_slices(BLOBS_AT_ONCE):
        ids = pl.concat([part["old_blob"], part["new_blob"]]).unique().to_list()
        blobs = dict(read_blobs(source.git_dir, ids, cap_bytes=100_000_000))
        for change, old, new in part.select("change_id", "old_blob", "new_blob").iter_rows():
            before, after = blobs[old], blobs[new]
            if before is None or after is None:
                continue
            done += 1
            wrong += applied(before, hunks.get((change,))) != lines_of(after)
    return f"{done:,} changes: {wrong} do not give the blob after"


def lines_of(blob: bytes) -> list[str]:
    """Lines as a hunk has them."""
    text = blob.decode("utf-8", "replace").removesuffix("\n")
    return text.split("\n") if blob else []


def applied(before: bytes, hunks: pl.DataFrame | None) -> list[str]:
    """The lines after the hunks."""
    old, new, at = lines_of(before), [], 0
    for hunk in hunks.iter_rows(named=True) if hunks is not None else ():
        start = hunk["old_start"] - (1 if hunk["old_lines"] else 0)
        new += old[at:start]
        new += hunk["added"].split("\n") if hunk["new_lines"] else []
        at = start + hunk["old_lines"]
    return new + old[at:]


def main() -> None:
    """Ask the three questions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--branch", default="main")
    parser.add_argument("--all", action="store_true", help="every file, not only core")
    parser.add_argument("--every", type=int, default=40, help="sample for the last two questions")
    given = parser.parse_args()
    source = read_git(given.repository, branch=given.branch, core_only=not given.all)
    frames = read_frames(source)
    changes, hunks = frames["file_changes"], frames["hunks"]
    paths = [] if given.all else list(CORE_PATHSPEC)
    plain = counted(given.repository, given.branch, paths)
    ours = {
        "file_changes": len(changes),
        "renames": int((changes["status"] == "R").sum()),
        "hunks": len(hunks),
        "added_lines": int(hunks["new_lines"].sum()),
        "removed_lines": int(hunks["old_lines"].sum()),
    }
    for name, count in ours.items():
        verdict = "equal" if plain[name] == count else f"DIFFERS from git log: {plain[name]:,}"
        print(f"{name}: {count:,} {verdict}")
    print("numstat:", numstat_differences(given.repository, frames, paths=paths, every=given.every))
    print("applied:", unequal_after_applying(source, frames, every=given.every))


if __name__ == "__main__":
    main()

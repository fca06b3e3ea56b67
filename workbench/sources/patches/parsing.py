"""One block of the marked stream parsed into columns, as arrays: no loop over lines."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from workbench.sources.patches import marks
from workbench.sources.patches.lines import Flags, Ints, Lines, is_utf8, lines_of, repaired
from workbench.sources.patches.paths import unquote

_GITLINK = "160000"
_NO_FILE = "000000"


class GarbledError(ValueError):
    """The stream does not say what git would print."""


@dataclass(slots=True)
class Progress:
    """Where a slice stands between two blocks: a commit may go on in the next one."""

    commits: int = 0
    changes: int = 0
    awaited: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    """Changes whose patch has not come yet, in order; a type change stands there twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What one block holds; ids count inside the slice.

    ``sections`` says of each patch of a file: its change, whether it is binary, its lines, and its
    bytes when they are over the cap. ``damaged`` holds what had bytes that are not UTF-8, with one
    row for each line: ``commit_id``, and ``change_id`` unless it was the message or the author.
    """

    commits: pl.DataFrame
    changes: pl.DataFrame
    sections: pl.DataFrame
    hunks: pl.DataFrame
    damaged: pl.DataFrame


def parse(block: bytes, progress: Progress, *, cap_bytes: int) -> Parsed:
    """Parse a block and move ``progress`` on.

    Parameters
    ----------
    block : bytes
        Whole lines that begin with a commit or a file's patch.
    progress : Progress
        Of the slice that the block belongs to; changed.
    cap_bytes : int
        Patches over this length lose their hunks.

    Returns
    -------
    Parsed

    Raises
    ------
    GarbledError
        The counts that git gives do not agree with what came.
    """
    broken = np.empty(0, np.int64)
    if not is_utf8(block):
        block, broken = repaired(block)
    lines = lines_of(block)
    commit_of_line = np.cumsum(lines.marked(marks.COMMIT)) + (progress.commits - 1)
    raw = np.flatnonzero(lines.marked(marks.RAW))
    changes = _changes(lines, raw).with_columns(
        commit_id=pl.Series(commit_of_line[raw], dtype=pl.UInt32)
    )
    changes_before = progress.changes
    progress.changes += len(raw)
    section_starts = np.flatnonzero(_is_section(lines))
    change_of_section = _match(changes, progress, first=changes_before, patches=len(section_starts))
    commits = _commits(lines)
    progress.commits += len(commits)

    section_of_line = np.cumsum(_is_section(lines)) - 1
    hunks, removed, added = _hunks(lines)
    section_of_hunk = section_of_line[np.flatnonzero(lines.marked(marks.HUNK))]
    sections = _sections(
        lines,
        section_starts,
        removed=np.bincount(section_of_hunk, removed, minlength=len(section_starts)),
        added=np.bincount(section_of_hunk, added, minlength=len(section_starts)),
        cap_bytes=cap_bytes,
    ).with_columns(change_id=pl.Series(change_of_section, dtype=pl.UInt32))
    kept = (sections["over_cap_bytes"] == 0).to_numpy()[section_of_hunk]
    hunks = hunks.with_columns(
        change_id=pl.Series(change_of_section[section_of_hunk], dtype=pl.UInt32)
    ).filter(pl.Series(kept))
    return Parsed(
        commits=commits,
        changes=changes,
        sections=sections,
        hunks=hunks,
        damaged=_damaged(
            lines,
            broken,
            commit_of_line,
            changes_before + np.cumsum(lines.marked(marks.RAW)) - 1,
            change_of_section,
            section_of_line,
        ),
    )


def _is_section(lines: Lines) -> Flags:
    """Which lines are ``diff --git``: ``deleted file mode`` and ``dissimilarity`` begin alike."""
    third = lines.text[np.minimum(lines.starts + 2, len(lines.text) - 1)]
    found: Flags = lines.marked(marks.SECTION) & (third == ord("f"))
    return found


def _commits(lines: Lines) -> pl.DataFrame:
    at = np.flatnonzero(lines.marked(marks.COMMIT))
    count = np.cumsum(lines.marked(marks.MESSAGE))
    last = np.append(at[1:] - 1, len(lines.starts) - 1)[: len(at)]
    message_lines = count[last] - count[at]
    begin = lines.begin[np.minimum(at + 1, len(lines.begin) - 1)]
    end = lines.end[at + message_lines]
    head = lines.spans(lines.begin[at] + 1, lines.end[at]).str.splitn(marks.FIELD, 4).struct
    message = lines.spans(begin, np.where(message_lines > 0, end, begin))
    return (
        head.rename_fields(["sha", "authored", "committed", "author"])
        .struct.unnest()
        .with_columns(message=message)
    )


def _changes(lines: Lines, raw: Ints) -> pl.DataFrame:
    begin, end = lines.begin[raw], lines.end[raw]
    names = (
        lines.spans(begin + 97, end)
        .str.splitn("\t", 3)
        .struct.rename_fields(["status", "old_path", "path"])
        .struct.unnest()
        .with_columns(
            pl.col("status").str.head(1),
            pl.col("path").fill_null(pl.col("old_path")),
        )
    )
    if names.select((pl.col("old_path", "path").str.starts_with('"')).any()).row(0) != (
        False,
        False,
    ):
        names = names.with_columns(
            pl.col(side).map_elements(unquote, return_dtype=pl.String)
            for side in ("old_path", "path")
        )

    def blob(mode: int, sha: int) -> pl.Series:
        # The id of a submodule is a commit's, and of a side without a file it is all zeros.
        modes = lines.spans(begin + mode, begin + mode + 6)
        ids = lines.spans(begin + sha, begin + sha + 40)
        return ids.set(modes.is_in([_NO_FILE, _GITLINK]), None)

    return names.with_columns(old_blob=blob(1, 15), new_blob=blob(8, 56))


def _match(changes: pl.DataFrame, progress: Progress, *, first: int, patches: int) -> Ints:
    """The change of each patch: git prints both in the same order, a type change's patch twice."""
    twice = (changes["status"] == "T").to_numpy()
    ids = np.repeat(np.arange(first, first + len(changes)), np.where(twice, 2, 1))
    awaited = np.concatenate((progress.awaited, ids))
    if patches > len(awaited):
        raise GarbledError(f"{patches} patches for {len(awaited)} changed files")
    progress.awaited = awaited[patches:]
    return awaited[:patches]


def _sections(
    lines: Lines,
    at: Ints,
    *,
    removed: np.ndarray,
    added: np.ndarray,
    cap_bytes: int,
) -> pl.DataFrame:
    binary = np.cumsum(lines.marked(marks.BINARY))
    stops = np.flatnonzero(_is_section(lines) | lines.marked(marks.COMMIT))
    stop_bytes = np.append(lines.starts, len(lines.text))[
        np.append(stops, len(lines.starts))[np.searchsorted(stops, at, side="right")]
    ]
    size = stop_bytes - lines.starts[at]
    over = np.where(size > cap_bytes, size, 0)
    dropped = np.flatnonzero(lines.marked(marks.DROPPED))
    if len(dropped):
        section = np.searchsorted(at, dropped) - 1
        over[section], after = lines.numbers(lines.starts[dropped] + 1)
        removed[section], after = lines.numbers(after + 1)
        added[section], _ = lines.numbers(after + 1)
    last = np.append(at[1:] - 1, len(lines.starts) - 1)[: len(at)]
    return pl.DataFrame(
        {
            "is_binary": binary[last] > binary[at],
            "removed_lines": removed.astype(np.uint32),
            "added_lines": added.astype(np.uint32),
            "over_cap_bytes": over,
        }
    )


def _hunks(lines: Lines) -> tuple[pl.DataFrame, Ints, Ints]:
    """Every hunk, and how many lines it removes and adds, counted from the lines themselves."""
    at = np.flatnonzero(lines.marked(marks.HUNK))
    old, new = np.cumsum(lines.marked(marks.OLD)), np.cumsum(lines.marked(marks.NEW))
    last = np.append(at[1:], len(lines.starts) - 1)[: len(at)]
    removed, added = old[last] - old[at], new[last] - new[at]
    old_start, old_lines, after = _side(lines, lines.starts[at] + 4)
    new_start, new_lines, _ = _side(lines, after + 2)
    if not (np.array_equal(old_lines, removed) and np.array_equal(new_lines, added)):
        raise GarbledError("a hunk has other lines than its head says")

    final = len(lines.starts) - 1
    old_first, old_last = np.minimum(at + 1, final), at + removed
    # "\ No newline at end of file" may stand between the two sides.
    gap = (lines.first[np.minimum(old_last + 1, final)] == ord(marks.NO_NEWLINE)) & (removed > 0)
    new_first, new_last = np.minimum(old_last + gap + 1, final), old_last + gap + added
    begin_old = lines.begin[old_first]
    end_old = np.where(removed > 0, lines.end[old_last], begin_old)
    begin_new = np.where(added > 0, lines.begin[new_first], end_old)
    end_new = np.where(added > 0, lines.end[new_last], begin_new)
    texts = lines.spans(
        np.column_stack((begin_old, begin_new)).ravel(), np.column_stack((end_old, end_new)).ravel()
    )
    frame = pl.DataFrame(
        {
            "old_start": old_start.astype(np.uint32),
            "old_lines": removed.astype(np.uint32),
            "new_start": new_start.astype(np.uint32),
            "new_lines": added.astype(np.uint32),
            "removed": texts.gather_every(2, 0),
            "added": texts.gather_every(2, 1),
        }
    )
    return frame, removed, added


def _side(lines: Lines, at: Ints) -> tuple[Ints, Ints, Ints]:
    """``start[,count]`` of one side of a hunk's head, and the place after it."""
    start, after = lines.numbers(at)
    counted = lines.text[after] == ord(",")
    count, end = lines.numbers(after + counted)
    return start, np.where(counted, count, 1), np.where(counted, end, after)


def _damaged(
    lines: Lines,
    broken: Ints,
    commit_of_line: Ints,
    change_of_raw: Ints,
    change_of_section: Ints,
    section_of_line: Ints,
) -> pl.DataFrame:
    """What the lines that were not UTF-8 belong to."""
    first = lines.first[broken]
    content = (first == ord(marks.OLD)) | (first == ord(marks.NEW))
    raw = first == ord(marks.RAW)
    text = (first == ord(marks.COMMIT)) | (first == ord(marks.MESSAGE))
    change = np.full(len(broken), -1)
    change[raw] = change_of_raw[broken[raw]]
    change[content] = change_of_section[section_of_line[broken[content]]]
    return pl.DataFrame(
        {
            "commit_id": commit_of_line[broken],
            "change_id": change,
        },
        schema={"commit_id": pl.Int64, "change_id": pl.Int64},
    ).filter(pl.Series(content | raw | text))

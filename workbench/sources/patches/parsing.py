"""One block of the marked stream parsed as arrays: no loop over lines, nothing copied twice."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from workbench.sources.patches import marks
from workbench.sources.patches.limits import Limits
from workbench.sources.patches.lines import Flags, Ints, Lines, is_utf8, lines_of, repaired

NO_CHANGE = -1

# ":100644 100755 <40> <40> M<TAB>path": places in a raw row.
_OLD_MODE, _NEW_MODE, _OLD_BLOB, _NEW_BLOB, _STATUS, _BLOB_BYTES = 1, 8, 15, 56, 97, 40


class GarbledError(ValueError):
    """The stream does not say what git would print."""


@dataclass(slots=True)
class Progress:
    """Where a slice stands between two blocks: a commit may go on in the next one."""

    commits: int = 0
    changes: int = 0
    open_commit: int = -1
    open_bytes: int = 0
    """The commit that the last patch belongs to, and the length of its patches so far."""
    awaited: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    """Changes whose patch has not come yet, in order; a type change stands there twice."""

    def check_complete(self) -> None:
        """Refuse an answer that ends before every changed file had its patch."""
        if len(self.awaited):
            raise GarbledError(f"no patch for {len(self.awaited)} changed files")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What one block holds, one array for each column; ids count inside the slice.

    The series are taken apart with ``texts_of``: ``commits`` into head and message, ``changes``
    into blob before, blob after, and status with names, ``hunks`` into removed and added.
    """

    commits: pl.Series
    changes: pl.Series
    change_commit: Ints
    """The commit of each change."""
    old_absent: Flags
    new_absent: Flags
    """Whether a side of a change has no blob: no file, or a submodule."""
    hunks: pl.Series
    hunk_change: Ints
    hunk_numbers: Ints
    """Old start, lines removed, new start, lines added; a row for each."""
    section_change: Ints
    """The change of each patch of a file."""
    section_binary: Flags
    section_lines: Ints
    """Lines removed, lines added; a row for each."""
    section_over_cap: Ints
    """Bytes of a patch that is over the cap, else 0."""
    damaged: Ints
    """Commit and change (or NO_CHANGE) of each line that was not UTF-8; a row for each."""


def parse(block: bytes, progress: Progress, *, limits: Limits) -> Parsed:
    """Parse a block and move ``progress`` on.

    Parameters
    ----------
    block : bytes
        Whole lines that begin with a commit or a file's patch.
    progress : Progress
        Of the slice that the block belongs to; changed.
    limits : Limits
        Patches that are over them lose their hunks.

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
    if not progress.commits and not block.startswith(marks.COMMIT):
        raise GarbledError("changes without a commit")
    lines = lines_of(block)
    commit_marks, raw = lines.marked(marks.COMMIT), lines.marked(marks.RAW)
    is_section = _is_section(lines)
    commit_of_line = np.cumsum(commit_marks) + (progress.commits - 1)
    change_of_row = np.cumsum(raw) + (progress.changes - 1)
    section_of_line = np.cumsum(is_section) - 1
    raw_at, sections = np.flatnonzero(raw), np.flatnonzero(is_section)
    section_change = _match(lines, raw_at, progress, patches=len(sections))
    progress.commits += int(commit_marks.sum())
    progress.changes += len(raw_at)

    hunks_at = np.flatnonzero(lines.marked(marks.HUNK))
    section_of_hunk = section_of_line[hunks_at]
    numbers, hunks = _hunks(lines, hunks_at)
    section_lines = np.zeros((2, len(sections)), np.int64)
    np.add.at(section_lines[0], section_of_hunk, numbers[1])
    np.add.at(section_lines[1], section_of_hunk, numbers[3])
    stops = np.flatnonzero(is_section | commit_marks)
    section_bytes = _section_bytes(lines, sections, stops)
    over_cap = _over_cap(section_bytes, commit_of_line[sections], progress, limits)
    _count_dropped(lines, sections, section_lines, over_cap)
    kept = over_cap[section_of_hunk] == 0
    if not kept.all():
        numbers, section_of_hunk = numbers[:, kept], section_of_hunk[kept]
        # A filtered series would hold on to the text of the whole block.
        hunks = hunks.filter(pl.Series(np.repeat(kept, 4))) if kept.any() else hunks.clear()
    binary = np.cumsum(lines.marked(marks.BINARY))
    change_of_line = np.where(
        raw, change_of_row, section_change[section_of_line] if len(sections) else NO_CHANGE
    )
    blob_at = lines.begin[raw_at]
    return Parsed(
        commits=_commits(lines, np.flatnonzero(commit_marks)),
        changes=lines.texts(
            [blob_at + _OLD_BLOB, blob_at + _NEW_BLOB, blob_at + _STATUS],
            [
                blob_at + _OLD_BLOB + _BLOB_BYTES,
                blob_at + _NEW_BLOB + _BLOB_BYTES,
                lines.end[raw_at],
            ],
        ),
        change_commit=commit_of_line[raw_at],
        old_absent=_is_absent(lines, raw_at, _OLD_MODE),
        new_absent=_is_absent(lines, raw_at, _NEW_MODE),
        hunks=hunks,
        hunk_change=section_change[section_of_hunk],
        hunk_numbers=numbers,
        section_change=section_change,
        section_binary=binary[_last_lines(sections, lines)] > binary[sections],
        section_lines=section_lines,
        section_over_cap=over_cap,
        damaged=_damaged(lines, broken, commit_of_line, change_of_line),
    )


def _is_section(lines: Lines) -> Flags:
    """Which lines are ``diff --git``: ``deleted file mode`` and ``dissimilarity`` begin alike."""
    found = lines.marked(marks.SECTION)
    at = np.flatnonzero(found)
    found[at] = lines.text[lines.starts[at] + 2] == ord("f")
    return found


def _last_lines(at: Ints, lines: Lines) -> Ints:
    """For each of some lines the last one before the next of them."""
    return np.append(at[1:] - 1, len(lines.starts) - 1)[: len(at)]


def _match(lines: Lines, raw_at: Ints, progress: Progress, *, patches: int) -> Ints:
    """The change of each patch: git prints both in the same order, a type change's patch twice."""
    typed = lines.text[lines.starts[raw_at] + _STATUS] == ord("T")
    ids = np.arange(progress.changes, progress.changes + len(raw_at))
    awaited = np.concatenate((progress.awaited, np.repeat(ids, typed + 1)))
    if patches > len(awaited):
        raise GarbledError(f"{patches} patches for {len(awaited)} changed files")
    progress.awaited = awaited[patches:]
    return awaited[:patches]


def _is_absent(lines: Lines, raw_at: Ints, mode: int) -> Flags:
    """No file (mode 000000), or a submodule (160000), whose id is a commit's."""
    at = lines.starts[raw_at] + mode
    absent: Flags = (lines.text[at] == ord("0")) | (lines.text[at + 1] == ord("6"))
    return absent


def _commits(lines: Lines, at: Ints) -> pl.Series:
    counted = np.cumsum(lines.marked(marks.MESSAGE))
    message_lines: Ints = counted[_last_lines(at, lines)] - counted[at]
    begin = lines.begin[np.minimum(at + 1, len(lines.begin) - 1)]
    end = np.where(message_lines > 0, lines.end[at + message_lines], begin)
    return lines.texts([lines.begin[at] + 1, begin], [lines.end[at], end])


def _section_bytes(lines: Lines, sections: Ints, stops: Ints) -> Ints:
    places = np.append(lines.starts[stops], len(lines.text))
    size: Ints = places[np.searchsorted(stops, sections, side="right")] - lines.starts[sections]
    return size


def _over_cap(size: Ints, commit: Ints, progress: Progress, limits: Limits) -> Ints:
    """Bytes of each patch that is over a limit itself or comes when its commit is, else 0."""
    if not len(size):
        return size
    total = np.cumsum(size)
    first = np.searchsorted(commit, commit)
    before = np.where(commit == progress.open_commit, progress.open_bytes, 0)
    so_far = total - (total - size)[first] + before
    progress.open_commit, progress.open_bytes = int(commit[-1]), int(so_far[-1])
    return np.where((size > limits.patch_bytes) | (so_far > limits.commit_bytes), size, 0)


def _count_dropped(lines: Lines, sections: Ints, section_lines: Ints, over_cap: Ints) -> None:
    """Fill in what the stand-in for left-out hunks says: bytes, lines removed, lines added."""
    dropped = np.flatnonzero(lines.marked(marks.DROPPED))
    if len(dropped):
        section = np.searchsorted(sections, dropped) - 1
        over_cap[section], after = lines.numbers(lines.starts[dropped] + 1)
        section_lines[0][section], after = lines.numbers(after + 1)
        section_lines[1][section], _ = lines.numbers(after + 1)


def _hunks(lines: Lines, at: Ints) -> tuple[Ints, pl.Series]:
    """The numbers of every hunk and its texts; head and body must agree on the lines."""
    old, new = np.cumsum(lines.marked(marks.OLD)), np.cumsum(lines.marked(marks.NEW))
    last = _last_lines(at, lines)
    removed: Ints = old[last] - old[at]
    added: Ints = new[last] - new[at]
    old_start, old_lines, after = _side(lines, lines.starts[at] + 4)
    new_start, new_lines, _ = _side(lines, after + 2)
    if not (np.array_equal(old_lines, removed) and np.array_equal(new_lines, added)):
        raise GarbledError("a hunk has other lines than its head says")

    final = len(lines.starts) - 1
    old_last = at + removed
    # "\ No newline at end of file" may stand between the two sides.
    gap = (lines.first[np.minimum(old_last + 1, final)] == ord(marks.NO_NEWLINE)) & (removed > 0)
    new_last = old_last + gap + added
    begin_old = lines.begin[np.minimum(at + 1, final)]
    end_old = np.where(removed > 0, lines.end[old_last], begin_old)
    begin_new = np.where(added > 0, lines.begin[np.minimum(old_last + gap + 1, final)], end_old)
    end_new = np.where(added > 0, lines.end[new_last], begin_new)
    numbers = np.stack((old_start, removed, new_start, added))
    return numbers, lines.texts([begin_old, begin_new], [end_old, end_new])


def _side(lines: Lines, at: Ints) -> tuple[Ints, Ints, Ints]:
    """``start[,count]`` of one side of a hunk's head, and the place after it."""
    start, after = lines.numbers(at)
    counted = lines.text[after] == ord(",")
    count, end = lines.numbers(after + counted)
    return start, np.where(counted, count, 1), np.where(counted, end, after)


def _damaged(lines: Lines, broken: Ints, commit_of_line: Ints, change_of_line: Ints) -> Ints:
    """Where the lines that were not UTF-8 belong; heads of patches hold nothing that is kept."""
    first = lines.first[broken]
    of_commit = np.isin(first, [ord(marks.COMMIT), ord(marks.MESSAGE)])
    of_change = np.isin(first, [ord(marks.RAW), ord(marks.OLD), ord(marks.NEW)])
    change = np.where(of_commit, NO_CHANGE, change_of_line[broken])
    return np.stack((commit_of_line[broken], change))[:, of_commit | of_change]

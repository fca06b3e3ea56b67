"""A slice of commits as frames: the blocks of git's answer parsed, joined and checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from workbench.domain.frames import FILE_CHANGES
from workbench.domain.history import Rejection
from workbench.domain.tables import PolarsType
from workbench.errors import Place, SourceError
from workbench.sources.patches.limits import LIMITS, Limits
from workbench.sources.patches.lines import Flags, Ints, texts_of
from workbench.sources.patches.marks import COMMIT, FIELD
from workbench.sources.patches.parsing import NO_CHANGE, GarbledError, Parsed, Progress, parse
from workbench.sources.patches.paths import config_paths, core_paths, unquoted

_SECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The frames of some commits that follow each other; ids count from 0.

    ``text_bytes`` is the length of what git printed for them, which their frames hold on to.
    """

    commits: pl.DataFrame
    file_changes: pl.DataFrame
    hunks: pl.DataFrame
    rejections: tuple[Rejection, ...]
    text_bytes: int


def read_slice(
    blocks: Iterable[bytes],
    shas: Sequence[str],
    *,
    where: str,
    core_only: bool = False,
    limits: Limits = LIMITS,
) -> Iterator[Part]:
    """Parse the answer to a slice.

    Parameters
    ----------
    blocks : iterable of bytes
        The marked stream in blocks.
    shas : sequence of str
        The commits that were asked for, at least one.
    where : str
        The repository, as rejections name it.
    core_only : bool
        Drop changes that are neither core nor configuration on either side.
    limits : Limits
        How much text a patch and a commit may have, and a part.

    Yields
    ------
    Part
        One, unless there is too much text in the slice.

    Raises
    ------
    SourceError
        The answer is not the answer to these commits, or its own counts do not agree.
    """
    left = list(shas)
    try:
        for parsed, size in _parsed_parts(blocks, limits):
            heads = texts_of(pl.concat([part.commits for part in parsed]), 0, of=2)
            found = heads.str.head(len(shas[0])).to_list()
            if found != left[: len(found)]:
                raise GarbledError("commits that were not asked for")
            del left[: len(found)]
            yield _part(parsed, found, size, where=where, core_only=core_only, limits=limits)
        if left:
            raise GarbledError(f"{len(left)} of {len(shas)} commits were left out")
    except GarbledError as garbled:
        raise SourceError(
            f"git printed patches that cannot be read: {garbled}.",
            where=Place(path=where, at=f"between commits {shas[-1]} and {shas[0]}"),
            todo="Load with another version of git.",
        ) from garbled


def _parsed_parts(blocks: Iterable[bytes], limits: Limits) -> Iterator[tuple[list[Parsed], int]]:
    """Parsed blocks of whole commits with the length of their text."""
    progress, parsed, size = Progress(), list[Parsed](), 0
    for block in blocks:
        if size > limits.part_bytes and block.startswith(COMMIT):
            progress.check_complete()
            yield parsed, size
            progress, parsed, size = Progress(), [], 0
        parsed.append(parse(block, progress, limits=limits))
        size += len(block)
    progress.check_complete()
    yield parsed, size


def _part(
    parsed: Sequence[Parsed],
    shas: Sequence[str],
    size: int,
    *,
    where: str,
    core_only: bool,
    limits: Limits,
) -> Part:
    changes, hunks = _file_changes(parsed), _hunks(parsed)
    damaged = np.concatenate([part.damaged for part in parsed], axis=1)
    if core_only and not changes["is_core"].all():
        # The options that code reads are declared in files that are no code.
        wanted = changes.select(pl.col("is_core") | config_paths("path") | config_paths("old_path"))
        kept = wanted.to_series().to_numpy()
        changes = changes.filter(wanted.to_series())
        hunks = hunks.filter(pl.Series(kept[hunks["change_id"].to_numpy()]))
        damaged = damaged[:, (damaged[1] == NO_CHANGE) | kept[damaged[1]]]
    return Part(
        commits=_commits(pl.concat([part.commits for part in parsed])),
        file_changes=changes.select(list(FILE_CHANGES.columns)),
        hunks=hunks,
        rejections=(
            *_damaged(damaged, changes, shas, where=where),
            *_over_cap(changes, shas, where=where, limits=limits),
        ),
        text_bytes=size,
    )


def _commits(texts: pl.Series) -> pl.DataFrame:
    def utc(column: str) -> pl.Expr:
        seconds = pl.col(column).cast(pl.Int64, strict=False)
        return (seconds * _SECOND).cast(pl.Datetime("us", "UTC"))

    # git itself takes a date that it cannot read for the start of 1970.
    committed = utc("committed").fill_null(pl.lit(0).cast(pl.Datetime("us", "UTC")))
    message = pl.col("message").str.strip_chars_end("\n")
    head = texts_of(texts, 0, of=2).str.splitn(FIELD, 4)
    return (
        head.struct.rename_fields(["sha", "authored", "committed", "author"])
        .struct.unnest()
        .with_columns(message=texts_of(texts, 1, of=2))
        .select(
            pl.int_range(pl.len(), dtype=pl.UInt32).alias("commit_id"),
            "sha",
            "author",
            utc("authored").fill_null(committed).alias("authored_utc"),
            committed.alias("committed_utc"),
            message.str.strip_chars_start("\n").str.splitn("\n", 2).struct[0].alias("subject"),
            message.alias("message"),
        )
    )


def _file_changes(parsed: Sequence[Parsed]) -> pl.DataFrame:
    """The changes as declared, and ``over_cap_bytes``."""
    texts = pl.concat([part.changes for part in parsed])
    section_change = np.concatenate([part.section_change for part in parsed])
    section_lines = np.concatenate([part.section_lines for part in parsed], axis=1)
    count = len(texts) // 6

    def total(of_sections: Sequence[Ints] | Sequence[Flags] | Ints, dtype: PolarsType) -> pl.Series:
        sums = np.bincount(section_change, np.concatenate(of_sections), minlength=count)
        return pl.Series(sums).cast(dtype)

    def joined(arrays: Sequence[Ints] | Sequence[Flags], dtype: PolarsType) -> pl.Series:
        return pl.Series(np.concatenate(arrays)).cast(dtype)

    over_cap = total([part.section_over_cap for part in parsed], pl.Int64)
    binary = total([part.section_binary for part in parsed], pl.UInt32)
    names = texts_of(texts, 2, of=3).str.splitn("\t", 3).struct.unnest()
    status, old_path, path = names.get_columns()
    frame = pl.select(
        change_id=pl.int_range(count, dtype=pl.UInt32),
        commit_id=joined([part.change_commit for part in parsed], pl.UInt32),
        status=status.str.head(1),
        old_path=unquoted(old_path),
        path=unquoted(path.zip_with(path.is_not_null(), old_path)),
        old_blob=pl.when(~joined([part.old_absent for part in parsed], pl.Boolean)).then(
            texts_of(texts, 0, of=3)
        ),
        new_blob=pl.when(~joined([part.new_absent for part in parsed], pl.Boolean)).then(
            texts_of(texts, 1, of=3)
        ),
        removed_lines=total(section_lines[:1], pl.UInt32),
        added_lines=total(section_lines[1:], pl.UInt32),
        is_binary=(binary > 0) | (over_cap > 0),
        over_cap_bytes=over_cap,
    )
    # A rename out of core takes something away from core, so either side counts.
    return frame.with_columns(is_core=core_paths("path") | core_paths("old_path"))


def _hunks(parsed: Sequence[Parsed]) -> pl.DataFrame:
    """The hunks as declared."""
    texts = pl.concat([part.hunks for part in parsed])
    numbers = np.concatenate([part.hunk_numbers for part in parsed], axis=1).astype(np.uint32)
    change = np.concatenate([part.hunk_change for part in parsed]).astype(np.uint32)
    return pl.DataFrame(
        {
            "change_id": change,
            "old_start": numbers[0],
            "old_lines": numbers[1],
            "new_start": numbers[2],
            "new_lines": numbers[3],
            "removed": texts_of(texts, 0, of=2),
            "added": texts_of(texts, 1, of=2),
        }
    )


def _over_cap(
    changes: pl.DataFrame, shas: Sequence[str], *, where: str, limits: Limits
) -> Iterator[Rejection]:
    over = changes.filter(pl.col("over_cap_bytes") > 0)
    for commit, path, size in over.select("commit_id", "path", "over_cap_bytes").iter_rows():
        why = (
            f"The patch has {size:,} bytes, over {limits.patch_bytes:,}"
            if size > limits.patch_bytes
            else f"The patches of its commit have over {limits.commit_bytes:,} bytes"
        )
        reason = f"{why}: kept without its hunks."
        yield Rejection(path=where, at=f"{shas[commit]} {path}", reason=reason)


def _damaged(
    damaged: Ints, changes: pl.DataFrame, shas: Sequence[str], *, where: str
) -> Iterator[Rejection]:
    """One rejection for each change or message with bytes that are not UTF-8."""
    if not damaged.size:
        return
    paths = dict(changes.select("change_id", "path").iter_rows())
    for (commit, change), lines in Counter(zip(*damaged.tolist(), strict=True)).items():
        place = f"{shas[commit]} {paths.get(change, 'message')}"
        reason = f"Bytes that are not UTF-8, in {lines} line(s): kept as U+FFFD."
        yield Rejection(path=where, at=place, reason=reason)

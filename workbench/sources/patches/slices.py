"""A slice of commits as frames: the blocks of git's answer parsed, joined and checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from workbench.domain.frames import FILE_CHANGES, HUNKS
from workbench.domain.history import Rejection
from workbench.domain.tables import PolarsType
from workbench.errors import Place, SourceError
from workbench.sources.patches.cutting import CAP_BYTES
from workbench.sources.patches.parsing import GarbledError, Parsed, Progress, parse
from workbench.sources.patches.paths import core_paths

_SECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The frames of some commits that follow each other; ids count from 0."""

    commits: pl.DataFrame
    file_changes: pl.DataFrame
    hunks: pl.DataFrame
    rejections: tuple[Rejection, ...]


def read_slice(
    blocks: Iterable[bytes],
    shas: Sequence[str],
    *,
    where: str,
    core_only: bool = False,
    cap_bytes: int = CAP_BYTES,
) -> Slice:
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
        Drop changes that are not core on either side.
    cap_bytes : int
        Patches over this length lose their hunks.

    Returns
    -------
    Slice

    Raises
    ------
    SourceError
        The answer is not the answer to these commits, or its own counts do not agree.
    """
    try:
        parsed = _parsed(blocks, shas, cap_bytes=cap_bytes)
    except GarbledError as garbled:
        raise SourceError(
            f"git printed patches that cannot be read: {garbled}.",
            where=Place(path=where, at=f"between commits {shas[-1]} and {shas[0]}"),
            todo="Load with another version of git.",
        ) from garbled
    changes = _file_changes(parsed)
    hunks = pl.concat([part.hunks for part in parsed])
    damaged = pl.concat([part.damaged for part in parsed])
    if core_only and not changes["is_core"].all():
        dropped = changes.filter(~pl.col("is_core"))["change_id"].implode()
        changes = changes.filter("is_core")
        hunks = hunks.filter(~pl.col("change_id").is_in(dropped))
        damaged = damaged.filter(~pl.col("change_id").is_in(dropped))
    return Slice(
        commits=_commits(pl.concat([part.commits for part in parsed])),
        file_changes=changes.select(list(FILE_CHANGES.columns)),
        hunks=hunks.select(list(HUNKS.columns)),
        rejections=(
            *_damaged(damaged, changes, shas, where=where),
            *_over_cap(changes, shas, where=where, cap_bytes=cap_bytes),
        ),
    )


def _parsed(blocks: Iterable[bytes], shas: Sequence[str], *, cap_bytes: int) -> list[Parsed]:
    progress = Progress()
    parsed = [parse(block, progress, cap_bytes=cap_bytes) for block in blocks]
    answered = [sha for part in parsed for sha in part.commits["sha"]]
    if answered != list(shas):
        raise GarbledError(f"{len(answered)} commits for {len(shas)} that were asked for")
    if len(progress.awaited):
        raise GarbledError(f"no patch for {len(progress.awaited)} changed files")
    return parsed


def _commits(commits: pl.DataFrame) -> pl.DataFrame:
    def utc(column: str) -> pl.Expr:
        seconds = pl.col(column).cast(pl.Int64, strict=False)
        return (seconds * _SECOND).cast(pl.Datetime("us", "UTC"))

    # git itself takes a date that it cannot read for the start of 1970.
    committed = utc("committed").fill_null(pl.lit(0).cast(pl.Datetime("us", "UTC")))
    message = pl.col("message").str.strip_chars_end("\n")
    return commits.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("commit_id"),
        "sha",
        "author",
        utc("authored").fill_null(committed).alias("authored_utc"),
        committed.alias("committed_utc"),
        message.str.strip_chars_start("\n").str.splitn("\n", 2).struct[0].alias("subject"),
        message.alias("message"),
    )


def _file_changes(parsed: Sequence[Parsed]) -> pl.DataFrame:
    """The changes as declared, and ``over_cap_bytes``."""
    changes = pl.concat([part.changes for part in parsed])
    sections = pl.concat([part.sections for part in parsed])
    change = sections["change_id"].to_numpy()

    def total(column: str, dtype: PolarsType) -> pl.Series:
        sums = np.bincount(change, sections[column].to_numpy(), minlength=len(changes))
        return pl.Series(sums).cast(dtype)

    over_cap = total("over_cap_bytes", pl.Int64)
    return changes.with_columns(
        change_id=pl.int_range(pl.len(), dtype=pl.UInt32),
        added_lines=total("added_lines", pl.UInt32),
        removed_lines=total("removed_lines", pl.UInt32),
        # A rename out of core takes something away from core, so either side counts.
        is_core=core_paths("path") | core_paths("old_path"),
        is_binary=(total("is_binary", pl.UInt32) > 0) | (over_cap > 0),
        over_cap_bytes=over_cap,
    )


def _over_cap(
    changes: pl.DataFrame, shas: Sequence[str], *, where: str, cap_bytes: int
) -> Iterator[Rejection]:
    over = changes.filter(pl.col("over_cap_bytes") > 0)
    for commit, path, size in over.select("commit_id", "path", "over_cap_bytes").iter_rows():
        reason = f"The patch has {size:,} bytes, over {cap_bytes:,}: kept without its hunks."
        yield Rejection(path=where, at=f"{shas[commit]} {path}", reason=reason)


def _damaged(
    damaged: pl.DataFrame, changes: pl.DataFrame, shas: Sequence[str], *, where: str
) -> Iterator[Rejection]:
    """One rejection for each change or message with bytes that are not UTF-8."""
    counted = (
        damaged.group_by("commit_id", "change_id", maintain_order=True)
        .len("lines")
        .join(
            changes.select(pl.col("change_id").cast(pl.Int64), "path"),
            on="change_id",
            how="left",
            maintain_order="left",
        )
    )
    for commit, path, lines in counted.select("commit_id", "path", "lines").iter_rows():
        place = f"{shas[commit]} {path}" if path else f"{shas[commit]} message"
        reason = f"Bytes that are not UTF-8, in {lines} line(s): kept as U+FFFD."
        yield Rejection(path=where, at=place, reason=reason)

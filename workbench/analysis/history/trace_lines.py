"""Where a line of a file has gone, commit by commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from workbench.analysis.history.verify_evidence import Row
from workbench.domain.histories import History


class Lines:
    """Lines of some files, followed by the hunks of later commits.

    Parameters
    ----------
    history : History
        All that is known.
    paths : iterable of str
        The files.
    """

    def __init__(self, history: History, paths: Iterable[str]) -> None:
        wanted = sorted(set(paths))
        self._shifts = _shifts(history, wanted) if wanted else {}
        self._left = _left(history, wanted) if wanted else []

    def at(self, path: str, line: int, *, since: int, before: int) -> int | None:
        """Where a line of the commit ``since`` stands just before another commit.

        None when a commit between them took it, or when the file went.
        """
        if any(left == path and since < at < before for left, at in self._left):
            return None
        for hunk in self._shifts.get(path, ()):
            if not since < hunk["position"] < before:
                continue
            end = hunk["old_start"] + hunk["old_lines"]
            if hunk["old_lines"] and hunk["old_start"] <= line < end:
                return None
            if (hunk["old_lines"] and line >= end) or line > hunk["old_start"]:
                line += hunk["shift"]
        return line


def texts_of(rows: pl.DataFrame, history: History) -> pl.DataFrame:
    """Add ``text``: what the lines ``line`` of file changes ``change_id`` read after them."""
    offset = pl.col("line").cast(pl.Int64) - pl.col("new_start").cast(pl.Int64)
    inside = (offset >= 0) & (offset < pl.col("new_lines").cast(pl.Int64))
    hunks = history.rows("hunks", column="change_id", values=rows["change_id"])
    texts = (
        rows.select("change_id", "line")
        .unique()
        .join(hunks, on="change_id")
        .filter(inside)
        .select(
            "change_id",
            "line",
            text=pl.col("added")
            .str.split("\n")
            .list.get(offset, null_on_oob=True)
            .str.strip_chars(),
        )
    )
    return rows.join(texts, on=["change_id", "line"], how="left")


def _left(history: History, paths: Sequence[str]) -> list[tuple[str, int]]:
    """Files and the positions of the commits that deleted or renamed them."""
    return list(
        history["file_changes"]
        .filter(pl.col("old_path").is_in(list(paths)), pl.col("status").is_in(["D", "R"]))
        .join(history["commits"].select("commit_id", "position"), on="commit_id")
        .select("old_path", "position")
        .iter_rows()
    )


def _shifts(history: History, paths: Sequence[str]) -> dict[str, Sequence[Row]]:
    """By how much each hunk of some files moves the lines below it, bottom up in each commit."""
    new, old = pl.col("new_lines").cast(pl.Int64), pl.col("old_lines").cast(pl.Int64)
    changes = (
        history["file_changes"]
        .filter(pl.col("path").is_in(list(paths)))
        .select("change_id", "commit_id", "path")
        .join(history["commits"].select("commit_id", "position"), on="commit_id")
    )
    hunks = history.rows("hunks", column="change_id", values=changes["change_id"])
    rows = (
        changes.join(hunks, on="change_id")
        .select("path", "position", "old_start", "old_lines", shift=new - old)
        .sort("position", "old_start", descending=[False, True])
    )
    return {
        str(key[0]): part.to_dicts()
        for key, part in rows.partition_by("path", as_dict=True).items()
    }

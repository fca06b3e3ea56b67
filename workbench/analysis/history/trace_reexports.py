"""On which lines upstream hands a changed name on, as they stand when the change lands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from workbench.analysis.history.verify_evidence import Row
from workbench.analysis.history.verify_verdicts import Step, Use, Verdict
from workbench.domain.histories import History


class Reexports:
    """Lines that re-export, for the uses that go by another spelling than upstream's own.

    Parameters
    ----------
    verdicts : iterable of Verdict
        Their uses are what is asked about.
    history : History
        All that is known: the line may have been written long before the change.
    spelled : mapping
        Commit and name -> other spellings of it.
    """

    def __init__(
        self,
        verdicts: Iterable[Verdict],
        history: History,
        spelled: Mapping[tuple[str, str], Sequence[str]],
    ) -> None:
        self._spelled = spelled
        offers = {offer for v in verdicts if v.use for offer in self._offers(v.use)}
        self._rows = _offering(history, offers) if offers else []
        self._positions = dict(history.commits.select("sha", "position").iter_rows())
        paths = {str(row["path"]) for row in self._rows}
        self._shifts = _shifts(history, paths) if offers else {}
        self._left = _left(history, paths) if offers else []

    def between(self, use: Use) -> list[Step]:
        """The re-export that the use goes through, at its line just before the change."""
        at = self._positions.get(use.sha)
        for offer in self._offers(use):
            rows = [r for r in self._rows if r["offer"] == offer and at and r["position"] < at]
            if rows:
                row = max(rows, key=lambda r: r["position"])
                line = self._line_at(row, at or 0)
                if line is not None:
                    relation = f"offers it as {offer}"
                    return [_step(row, line, relation)]
        return []

    def _offers(self, use: Use) -> list[str]:
        """Dotted names that the site may go through: those that lead to the changed name."""
        target = str(use.site["target"])
        if target == use.full or target.startswith(f"{use.name}."):
            return []
        return [
            target[:end]
            for end in (*(i for i, c in enumerate(target) if c == "."), len(target))
            if any(
                alias == target[:end] or alias.startswith(f"{target[:end]}.")
                for alias in self._spelled.get((use.sha, use.name), ())
            )
        ][::-1]

    def _line_at(self, row: Row, position: int) -> int | None:
        """Where a line has gone by the hunks since; None when one took it, or the file went."""
        line = int(row["line"])
        if any(path == row["path"] and row["position"] < at < position for path, at in self._left):
            return None
        for hunk in self._shifts.get(row["path"], ()):
            if not row["position"] < hunk["position"] < position:
                continue
            end = hunk["old_start"] + hunk["old_lines"]
            if hunk["old_lines"] and hunk["old_start"] <= line < end:
                return None
            if (hunk["old_lines"] and line >= end) or line > hunk["old_start"]:
                line += hunk["shift"]
        return line


def _step(row: Row, line: int, relation: str) -> Step:
    return {
        "path": row["path"],
        "line": line,
        "relation": relation,
        "text": row["text"] or "",
        "where": "upstream",
    }


def _offering(history: History, offers: Iterable[str]) -> list[Row]:
    """Every line that began to offer one of the names."""
    changes = history["file_changes"].select("change_id", "commit_id", "path")
    commits = history["commits"].select("commit_id", "position")
    name = pl.concat_str("module", pl.lit("."), pl.col("after").struct.field("name"))
    rows = (
        history["exports_deltas"]
        .filter(pl.col("after").is_not_null())
        .with_columns(offer=name)
        .filter(pl.col("offer").is_in(list(offers)))
        .join(changes, on="change_id")
        .join(commits, on="commit_id")
    )
    offset = pl.col("line").cast(pl.Int64) - pl.col("new_start").cast(pl.Int64)
    inside = (offset >= 0) & (offset < pl.col("new_lines").cast(pl.Int64))
    texts = (
        rows.select("change_id", "line")
        .unique()
        .join(history["hunks"], on="change_id")
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
    found = (
        rows.join(texts, on=["change_id", "line"], how="left")
        .select("offer", "path", "line", "position", "text")
        .sort("position", "path", "line")
        .to_dicts()
    )
    return list(found)


def _left(history: History, paths: set[str]) -> list[tuple[str, int]]:
    """Files and the positions of the commits that deleted or renamed them."""
    return list(
        history["file_changes"]
        .filter(pl.col("old_path").is_in(list(paths)), pl.col("status").is_in(["D", "R"]))
        .join(history["commits"].select("commit_id", "position"), on="commit_id")
        .select("old_path", "position")
        .iter_rows()
    )


def _shifts(history: History, paths: set[str]) -> dict[str, Sequence[Row]]:
    """By how much each hunk of some files moves the lines below it, bottom up in each commit."""
    new, old = pl.col("new_lines").cast(pl.Int64), pl.col("old_lines").cast(pl.Int64)
    rows = (
        history["file_changes"]
        .filter(pl.col("path").is_in(list(paths)))
        .select("change_id", "commit_id", "path")
        .join(history["commits"].select("commit_id", "position"), on="commit_id")
        .join(history["hunks"], on="change_id")
        .select("path", "position", "old_start", "old_lines", shift=new - old)
        .sort("position", "old_start", descending=[False, True])
    )
    return {
        str(key[0]): part.to_dicts()
        for key, part in rows.partition_by("path", as_dict=True).items()
    }

"""On which lines upstream hands a changed name on, as they stand when the change lands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from workbench.analysis.history.trace_lines import Lines, texts_of
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
        self._lines = Lines(history, (str(row["path"]) for row in self._rows))

    def between(self, use: Use) -> list[Step]:
        """The re-export that the use goes through, at its line just before the change."""
        at = self._positions.get(use.sha)
        for offer in self._offers(use):
            rows = [r for r in self._rows if r["offer"] == offer and at and r["position"] < at]
            if rows:
                row = max(rows, key=lambda r: r["position"])
                since = int(row["position"])
                line = self._lines.at(row["path"], int(row["line"]), since=since, before=at or 0)
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
    found = (
        texts_of(rows, history)
        .select("offer", "path", "line", "position", "text")
        .sort("position", "path", "line")
        .to_dicts()
    )
    return list(found)

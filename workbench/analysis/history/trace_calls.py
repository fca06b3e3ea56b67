"""On which lines a hot path leads to a function, as they stand when the change lands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import polars as pl

from workbench.analysis.history.trace_lines import Lines, texts_of
from workbench.analysis.history.verify_evidence import Row
from workbench.analysis.history.verify_verdicts import Step, upstream_step
from workbench.analysis.standing_views import inside
from workbench.domain.histories import History

Call = tuple[str, str]


class HotCalls:
    """Lines that call the next function on the way from an entry point.

    Parameters
    ----------
    hot : iterable of mapping
        Rows of :data:`workbench.analysis.history.hot_reach.HOT_NAMES` whose way is asked about.
    history : History
        All that is known: a call may have been written long before the change.
    """

    def __init__(self, hot: Iterable[Row], history: History) -> None:
        ways = [row for row in hot if len(row["via"]) > 1]
        self._positions = dict(
            history.commits.filter(pl.col("sha").is_in([row["sha"] for row in ways]))
            .select("sha", "position")
            .iter_rows()
        )
        calls = {call for row in ways for call in _calls(row["via"])}
        rows = _standing(history, calls) if calls else []
        self._rows: Mapping[Call, Sequence[Row]] = _grouped(rows)
        self._lines = Lines(history, (row["path"] for row in rows))

    def above(self, row: Row) -> list[Step]:
        """The calls that lead to a function, the nearest first; those that can be shown."""
        found = []
        for caller, callee in reversed(_calls(row["via"])):
            step = self._step((caller, callee), self._positions.get(row["sha"]))
            if step is not None:
                found.append(step)
        return found

    def _step(self, call: Call, position: int | None) -> Step | None:
        """The line of a call just after the commit; None when it is not one line alone."""
        if position is None:
            return None
        stand = [
            row
            for row in self._rows.get(call, ())
            if row["since_position"] <= position
            and (row["until_position"] is None or row["until_position"] > position)
        ]
        if len({row["path"] for row in stand}) != 1:
            return None
        row = min(stand, key=lambda r: r["line"])
        line = self._lines.at(
            row["path"], int(row["line"]), since=row["since_position"], before=position + 1
        )
        if line is None or not row["text"]:
            return None
        relation = f"{call[0]} calls {call[1]}"
        return upstream_step({"path": row["path"], "line": line}, relation, row["text"])


def _calls(via: Sequence[str]) -> list[Call]:
    return list(pairwise(via))


def _grouped(rows: Iterable[Row]) -> dict[Call, list[Row]]:
    found: dict[Call, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["caller"], row["callee_name"]].append(row)
    return found


def _standing(history: History, calls: Iterable[Call]) -> list[Row]:
    """Every call of a wanted name from a wanted function, with its span and its text."""
    wanted = pl.DataFrame(
        [(caller, callee, callee.rpartition(".")[2]) for caller, callee in sorted(calls)],
        schema={"caller": pl.String, "callee_name": pl.String, "name": pl.String},
        orient="row",
    )
    named = history.rows("fact_calls", column="name", values=wanted["name"])
    facts = named.select("segment_id", "name", local="qualname", offset="line")
    changes = (
        history["file_changes"]
        .select("change_id", "commit_id", "path")
        .join(history["commits"].select("commit_id", "repository", "position"), on="commit_id")
        .select("change_id", "path", "repository", since_position=pl.col("position").cast(pl.Int64))
    )
    rows = (
        history.rows("segment_spans", column="segment_id", values=facts["segment_id"].unique())
        .filter(pl.col("pair").is_null())
        .join(facts, on="segment_id")
        .with_columns(caller=inside(), line=(pl.col("line") + pl.col("offset")).cast(pl.UInt32))
        .join(wanted, on=["caller", "name"])
        .join(changes, on=["repository", "path", "since_position"])
    )
    return list(texts_of(rows, history).to_dicts())

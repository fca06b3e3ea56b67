"""Placed rows: every row with its commit and file, joined once."""

from __future__ import annotations

import polars as pl

from tests.analysis.histories import SHAS, changes, commits, deltas, hunks
from workbench.analysis.placed_rows import PLACE, placed
from workbench.domain.histories import History, rows_of

FRAMES = {
    "commits": commits(2),
    "file_changes": changes((1, "pkg/b.py"), (0, "pkg/a.py")),
    "hunks": hunks((1, "x", "y"), (0, "x", "y"), (7, "x", "y")),
    "guards_deltas": deltas("guards", {"change_id": 1}),
}


def test_rows_stay_in_order_and_get_their_place() -> None:
    """A row whose file or commit is unknown stays, without a place."""
    rows = placed(FRAMES, "hunks")
    assert rows.select("change_id", "sha", "path").rows() == [
        (1, SHAS[0], "pkg/a.py"),
        (0, SHAS[1], "pkg/b.py"),
        (7, None, None),
    ]
    assert rows.columns == [*FRAMES["hunks"].columns, *PLACE]


def test_a_span_places_its_own_commits_only() -> None:
    """What is outside has no sha; the history that was cut keeps its own answer."""
    whole = History.of(FRAMES)
    late = whole.between(since=whole.commits["committed_utc"][1])
    assert placed(late, "file_changes")["sha"].to_list() == [SHAS[1], None]
    assert placed(whole, "file_changes")["sha"].to_list() == [SHAS[1], SHAS[0]]


def test_a_history_joins_once() -> None:
    """The second detector finds what the first one had made."""
    asked: list[str] = []

    def loader(name: str) -> pl.DataFrame:
        asked.append(name)
        return FRAMES[name]

    history = History(FRAMES["commits"], loader)
    assert placed(history, "guards_deltas") is placed(history, "guards_deltas")
    assert sorted(asked) == ["file_changes", "guards_deltas"]
    assert placed(history, "commits") is history.commits


def test_of_a_long_history_only_the_rows_of_a_short_span_are_placed() -> None:
    """They are few and are copied, in their order; the whole frame stays as it is."""
    frames = {
        "commits": commits(9),
        "file_changes": changes(*((n, f"pkg/m{n}.py") for n in range(9))),
        "hunks": hunks(*((n, "x", "y") for n in (8, 3, 0, 8, 5))),
    }
    whole = History.of(frames)
    last = whole.between(since=whole.commits["committed_utc"][8])
    assert placed(last, "file_changes").select("change_id", "sha").rows() == [(8, SHAS[8])]
    assert placed(last, "hunks").select("change_id", "path").rows() == [(8, "pkg/m8.py")] * 2
    assert placed(whole, "hunks").height == 5


def test_rows_are_found_without_fetching_the_frame() -> None:
    """What is not there yet is looked up, also for a part of the history; else it is filtered."""
    asked: list[str] = []

    def finder(name: str, column: str, values: pl.Series) -> pl.DataFrame:
        asked.append(f"{name} {column} {values.to_list()}")
        return rows_of(FRAMES[name], column=column, values=values)

    one, none = pl.Series([1, 1]), pl.Series([], dtype=pl.UInt32)
    history = History(FRAMES["commits"], FRAMES.__getitem__, finder=finder)
    part = history.between(since=history.commits["committed_utc"][1])
    for each in (history, part):
        assert each.rows("hunks", column="change_id", values=one).equals(FRAMES["hunks"][:1])
    assert asked == ["hunks change_id [1, 1]"] * 2
    assert history["hunks"].height == 3
    assert part.rows("hunks", column="change_id", values=one).height == 1
    assert history.rows("hunks", column="change_id", values=none).is_empty()
    assert History.of(FRAMES).rows("hunks", column="change_id", values=one).height == 1
    assert len(asked) == 2

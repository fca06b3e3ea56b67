"""Placed rows: every row with its commit and file, joined once."""

from __future__ import annotations

import polars as pl

from tests.analysis.histories import SHAS, changes, commits, deltas, hunks
from workbench.analysis.placed_rows import PLACE, placed
from workbench.domain.histories import History

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

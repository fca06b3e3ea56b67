"""Detecting: rows of a query become hits of one shape, or an error that says why not."""

from __future__ import annotations

import pytest

from tests.analysis.histories import SHAS, changes, commits, deltas, history
from tests.analysis.patterns import pattern
from workbench.analysis.history.detect import detect
from workbench.domain.frames import HITS
from workbench.domain.histories import History
from workbench.domain.patterns import HotPath
from workbench.errors import DetectorError

GONE = """
    SELECT sha, path, line, module || '.' || qualname AS qualname, side,
        before.condition AS condition
    FROM guards_deltas WHERE change = 'removed'
"""


@pytest.fixture(scope="module")
def two() -> History:
    gone = {"change": "removed", "before": {"condition": "not ready", "exit": "return"}}
    return history(
        {
            "commits": commits(2),
            "file_changes": changes((1, "pkg/b.py"), (0, "pkg/a.py")),
            "guards_deltas": deltas(
                "guards",
                {**gone, "change_id": 0, "line": 9, "qualname": "g"},
                {**gone, "change_id": 1, "line": 5, "qualname": "f"},
                {"change_id": 1, "line": 6, "after": {"condition": "late", "exit": "return"}},
            ),
        }
    )


def test_a_row_becomes_a_hit_of_the_declared_shape(two: History) -> None:
    """What the query leaves out is the pattern's: severity, names, stage, the sentence."""
    found = detect(pattern(GONE, message="Guard `{condition}` left {qualname}."), two)
    assert HITS.check(found).to_dicts() == [
        {
            "sha": SHAS[commit],
            "path": path,
            "line": line,
            "side": "before",
            "pattern": "X-test",
            "stage": "trial",
            "severity": "MEDIUM",
            "qualname": f"pkg.mod.{name}",
            "names": [f"pkg.mod.{name}"],
            "message": f"Guard `not ready` left pkg.mod.{name}.",
        }
        for commit, path, line, name in [(0, "pkg/a.py", 5, "f"), (1, "pkg/b.py", 9, "g")]
    ]


def row(**columns: str) -> str:
    """A query of one row, some of its columns said."""
    base = {"sha": f"'{SHAS[0]}'", "path": "'a.py'", "line": "3", "qualname": "'m.f'"} | columns
    return "SELECT " + ", ".join(f"{value} AS {name}" for name, value in base.items() if value)


def test_names_are_at_most_five_without_holes(two: History) -> None:
    """Nulls and repeats go, order stays, the rest is cut; no names at all mean the qualname."""
    names = "['a', NULL, 'b', 'a', 'c', 'd', 'e', 'f']"
    assert detect(pattern(row(names=names)), two)["names"].to_list() == [["a", "b", "c", "d", "e"]]
    for none in ("NULL", "[]", "[NULL]"):
        found = detect(pattern(row(names=f"{none}::VARCHAR[]")), two)
        assert found["names"].to_list() == [["m.f"]]


def test_a_place_is_hit_once_by_its_worst_row(two: History) -> None:
    """Rows of one place collapse; other patterns and other names keep theirs."""
    places = " UNION ALL ".join(
        row(severity=f"'{s}'", why=f"'{w}'")
        for s, w in [("LOW", "x"), ("HIGH", "y"), ("HIGH", "z")]
    )
    twice = [pattern(places, id=i, message="{why}") for i in ("X-b", "X-a")]
    found = detect(twice, two)
    assert found.select("pattern", "severity", "message").rows() == [
        ("X-a", "HIGH", "y"),
        ("X-b", "HIGH", "y"),
    ]


def test_the_same_history_gives_the_same_rows_in_the_same_order(two: History) -> None:
    """Whatever order the patterns come in, the hits are the same frame."""
    pair = [pattern(GONE, id="X-1"), pattern(row(), id="X-2")]
    assert detect(pair, two).equals(detect(pair[::-1], two))


def test_lists_and_nulls_in_a_message(two: History) -> None:
    """A list is joined by commas, a null is empty, doubled braces are braces."""
    message = "{{{many}}} [{none}]"
    found = detect(pattern(row(many="['a', 'b']", none="NULL::VARCHAR"), message=message), two)
    assert found["message"].to_list() == ["{a, b} []"]


def test_hot_paths_can_be_asked_about(two: History) -> None:
    """The view holds what the caller gives."""
    hot = [HotPath(qualname="pkg.mod.g", multiplicity="per-loop", why="the loop calls it")]
    sql = f"SELECT d.* FROM ({GONE}) AS d JOIN hot_paths AS h ON d.qualname GLOB h.qualname"
    assert detect(pattern(sql), two, hot_paths=hot)["qualname"].to_list() == ["pkg.mod.g"]
    assert detect(pattern(sql), two).is_empty()


def test_nothing_to_run_and_nothing_found(two: History) -> None:
    """No pattern, or none that matches, gives an empty frame of the declared shape."""
    assert HITS.check(detect([], two)).is_empty()
    assert HITS.check(detect(pattern(f"{row()} WHERE false"), two)).is_empty()


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        (row(line=""), "line is missing"),
        (row(line="'3'"), "line is String"),
        (row(line="3.5::DOUBLE"), "line is Float64"),
        (row(names="'m.f'"), "names is String"),
        (row(qualname="NULL"), "without qualname"),
        (row(severity="'high'"), "severity is 'high'"),
        (row(side="'left'"), "side is 'left'"),
        (row(sha="'cafe'"), "no commit of the history"),
    ],
)
def test_wrong_columns_are_an_error_with_their_place(two: History, sql: str, says: str) -> None:
    """The message says which column is wrong, the place which file."""
    with pytest.raises(DetectorError, match=says) as caught:
        detect(pattern(sql), two)
    assert caught.value.where is not None
    assert caught.value.where.path == "patterns/X-test/detector.sql"


def test_every_wrong_column_is_named_at_once(two: History) -> None:
    """Two faults are one error."""
    with pytest.raises(DetectorError, match=r"line is missing; names is String"):
        detect(pattern(row(line="", names="'x'")), two)


@pytest.mark.parametrize("message", ["{nothing} changed.", "{qualname", "}"])
def test_a_message_that_cannot_be_filled_is_an_error(two: History, message: str) -> None:
    """Also when there is no hit to fill it from."""
    with pytest.raises(DetectorError, match="message"):
        detect(pattern(f"{row()} WHERE false", message=message), two)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT sha, path, 5000000000 AS line, 'q' AS qualname FROM file_changes",
        "SELECT sha, path, 1 AS line, 'q' AS qualname, INTERVAL 1 DAY AS often FROM file_changes",
        "SELECT sha, path, 1 AS line, 'q' AS qualname, 1 AS n, 2 AS n FROM file_changes",
    ],
)
def test_values_that_no_frame_can_hold_are_the_detectors_fault(two: History, sql: str) -> None:
    """A line too large, a type without a frame, a column twice: an error with its place."""
    with pytest.raises(DetectorError):
        detect(pattern(sql), two)


def test_a_detector_that_fails_does_not_stop_the_others(two: History) -> None:
    """It is named; only when nothing ran at all the run ends with the error."""
    good, bad = pattern(row()), pattern(row(line="'3'"), id="Y-bad")
    worse = pattern("SELECT * FROM nowhere", id="Z-worse")
    told: list[str] = []

    def failed(name: str, error: DetectorError) -> None:
        told.append(f"{name}: {error.what}")

    alone = detect(good, two)
    for listed in ([good, bad, worse], [bad, good, worse], [worse, bad, good]):
        told.clear()
        assert detect(listed, two, failed=failed).equals(alone)
        assert sorted(one[:6] for one in told) == ["Y-bad:", "Z-wors"]
    with pytest.raises(DetectorError):
        detect([bad, worse], two, failed=failed)
    with pytest.raises(DetectorError):
        detect([good, bad], two)

"""When a name came into the upstream, from all that was loaded."""

from __future__ import annotations

from datetime import UTC, timedelta

from tests.analysis.histories import changes, commits, deltas, history
from workbench.analysis.births import BIRTHS, births
from workbench.analysis.sql import run_query


def test_a_name_is_born_where_it_was_added_moved_or_renamed_to() -> None:
    """A change of what is there, or its end, is no birth; the same moment counts once."""
    rows = [
        {"change_id": 0, "qualname": "f", "change": "added"},
        {"change_id": 1, "qualname": "f", "change": "changed"},
        {"change_id": 1, "qualname": "f", "change": "removed"},
        {"change_id": 1, "qualname": "g", "change": "moved"},
        {"change_id": 2, "qualname": "h", "change": "renamed"},
        {"change_id": 2, "qualname": "f", "change": "added"},
    ]
    frames = {
        "commits": commits(4),
        "file_changes": changes(*((n + 1, "pkg/mod.py") for n in range(3))),
        "definitions_deltas": deltas("definitions", *rows),
        "exports_deltas": deltas("exports", *rows),
    }
    found = births(history(frames))
    assert found.schema == BIRTHS.schema
    told = [(row["name"], row["born_utc"]) for row in found.iter_rows(named=True)]
    days = frames["commits"]["committed_utc"].to_list()[1:]
    assert told == [
        ("pkg.mod.f", days[0]),
        ("pkg.mod.g", days[1]),
        ("pkg.mod.f", days[2]),
        ("pkg.mod.h", days[2]),
    ]


def test_a_name_that_is_offered_in_another_way_is_not_born_again() -> None:
    """A shim for a definition, an entry in ``__all__``, a setter: the name was there before."""
    definition, shim = {"name": "f", "how": "definition"}, {"name": "f", "how": "lazy"}
    exports = deltas(
        "exports",
        {"change_id": 0, "before": definition, "change": "moved", "before_qualname": "f"}
        | {"module": "pkg.new", "before_module": "pkg.mod", "after": definition},
        {"change_id": 0, "after": shim},
        {"change_id": 1, "qualname": "g", "after": {"name": "g", "how": "all"}},
    )
    setter = {"kind": "method", "decorators": ["state.setter"]}
    definitions = deltas("definitions", {"change_id": 1, "qualname": "C.state", "after": setter})
    frames = {
        "commits": commits(3),
        "file_changes": changes((1, "pkg/new.py"), (2, "pkg/mod.py")),
        "definitions_deltas": definitions,
        "exports_deltas": exports,
    }
    assert births(history(frames))["name"].to_list() == ["pkg.new.f"]


def test_a_detector_sees_births_from_before_its_span() -> None:
    """A scan of one day knows how old a name is."""
    frames = {
        "commits": commits(4),
        "file_changes": changes(*((n + 1, "pkg/mod.py") for n in range(3))),
        "definitions_deltas": deltas("definitions", {"change_id": 0, "qualname": "f"}),
    }
    whole = history(frames)
    day = frames["commits"]["committed_utc"][3]
    late = whole.between(since=day, until=day + timedelta(days=1))
    assert late.commits.height == 1
    born = run_query("SELECT name, born_utc FROM births", late)
    assert born["name"].to_list() == ["pkg.mod.f"]
    assert born["born_utc"][0].replace(tzinfo=UTC) == frames["commits"]["committed_utc"][1]


def test_of_the_first_loaded_commit_nobody_knows_how_old_it_is() -> None:
    """A history that begins today brings everything at once; nothing of it counts as young."""
    frames = {
        "commits": commits(2),
        "file_changes": changes((0, "pkg/mod.py"), (1, "pkg/mod.py")),
        "definitions_deltas": deltas(
            "definitions", {"change_id": 0, "qualname": "f"}, {"change_id": 1, "qualname": "g"}
        ),
    }
    assert births(history(frames))["name"].to_list() == ["pkg.mod.g"]


def test_nothing_loaded_gives_no_births() -> None:
    """An empty history has the columns and no rows."""
    empty = history({"commits": commits(0)})
    assert births(empty).is_empty()

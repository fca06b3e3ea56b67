"""The ledger of failures: what was done, did it hold, who said so; taken back only by a line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.domain.failure_memory import PAIRS, RESOLUTIONS
from workbench.errors import UnknownNameError, WorkbenchError
from workbench.knowledge.catalogue import open_catalogue
from workbench.knowledge.resolution_frames import (
    folded,
    history,
    pairs,
    resolution_faults,
    resolutions,
)
from workbench.knowledge.resolutions import (
    RESOLUTIONS_FILE,
    append_held,
    append_pair,
    append_undo,
    append_verdict,
    failure_content,
    line_fault,
    line_id,
)

WHEN = datetime(2026, 2, 3, 8, 30, tzinfo=UTC)


def say(folder: Path, failure: str, verdict: str, **more: Any) -> dict[str, Any]:
    """A verdict by kim, a minute after the last one."""
    told = {"who": "kim", "when": WHEN, "content": failure_content(f"text of {failure}")}
    return append_verdict(folder, failure_id=failure, verdict=verdict, **{**told, **more})


def standing(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Verdict, fix and whether it held, by failure."""
    frame = resolutions(folder).select("failure_id", "verdict", "done", "held")
    return {row[0]: row[1:] for row in frame.iter_rows()}


def test_every_verdict_is_a_line_and_the_last_one_stands(tmp_path: Path) -> None:
    """Nothing is ever overwritten: four words on two failures are four lines."""
    say(tmp_path, "a", "resolved", done="cleared it")
    say(tmp_path, "b", "novel")
    say(tmp_path, "a", "edited", done="freed the disk", held=True, suggested={"suggested": "x"})
    append_held(tmp_path, failure_id="a", held=False, who="lou", when=WHEN)
    lines = (tmp_path / RESOLUTIONS_FILE).read_text("utf-8").splitlines()
    assert [json.loads(line)["say"] for line in lines] == ["resolved", "novel", "edited", "held"]
    assert standing(tmp_path) == {
        "a": ("edited", "freed the disk", False),
        "b": ("novel", None, None),
    }
    assert len(history(tmp_path, "a")) == 3


def test_a_line_says_who_when_why_and_what_it_judges(tmp_path: Path) -> None:
    """In UTC, with the digest of the failure's text and what was on the screen."""
    east = WHEN.astimezone(timezone(timedelta(hours=5)))
    shown = {"suggested": "x", "suggested_from": "m", "similarity": 0.9, "scorer": "tfidf-1"}
    row = say(tmp_path, "a", "approved", done="x", when=east, why=" as before ", suggested=shown)
    assert row["when"] == "2026-02-03T08:30:00Z"
    assert (row["who"], row["why"]) == ("kim", "as before")
    assert row["hash"] == failure_content("text of a")
    frame = resolutions(tmp_path)
    assert frame.schema == RESOLUTIONS.schema
    assert frame.select(*shown).to_dicts() == [shown]


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"verdict": "aproved", "done": "x"}, "approved"),
        ({"verdict": "approved"}, "needs what was done"),
        ({"verdict": "resolved", "done": "  "}, "needs what was done"),
        ({"verdict": "novel", "done": "x"}, "nothing that was done"),
        ({"verdict": "rejected", "held": True}, "nothing that was done"),
        ({"verdict": "novel", "who": " "}, "who is empty"),
        ({"verdict": "novel", "when": datetime(2026, 2, 3)}, "no zone"),  # noqa: DTZ001
        ({"verdict": "rejected", "suggested": {"similarity": float("nan")}}, "no number"),
        ({"verdict": "rejected", "suggested": {"colour": "red"}}, "colour"),
    ],
)
def test_what_cannot_be_said_is_not_written(
    tmp_path: Path, wrong: dict[str, Any], what: str
) -> None:
    """The message says what is missing, and the file is not even made."""
    with pytest.raises(WorkbenchError, match=what):
        say(tmp_path, "a", **wrong)
    assert not (tmp_path / RESOLUTIONS_FILE).exists()


def test_an_undo_is_a_line_that_takes_the_last_one_back(tmp_path: Path) -> None:
    """One's own last line, or a named one; the line before it stands again."""
    say(tmp_path, "a", "resolved", done="cleared it")
    named = say(tmp_path, "b", "novel", who="lou")
    say(tmp_path, "a", "rejected", suggested={"suggested": "x"})
    append_undo(tmp_path, who="kim", when=WHEN)
    assert standing(tmp_path)["a"] == ("resolved", "cleared it", None)
    append_undo(tmp_path, who="kim", when=WHEN, line=line_id(named))
    assert set(standing(tmp_path)) == {"a"}
    append_undo(tmp_path, who="kim", when=WHEN)
    assert standing(tmp_path) == {}
    with pytest.raises(UnknownNameError, match="kim"):
        append_undo(tmp_path, who="kim", when=WHEN)
    assert len((tmp_path / RESOLUTIONS_FILE).read_text("utf-8").splitlines()) == 6


def test_of_two_equal_lines_one_undo_takes_back_one(tmp_path: Path) -> None:
    """A double click and one undo leave what one click would have left."""
    say(tmp_path, "a", "novel")
    say(tmp_path, "a", "novel")
    append_undo(tmp_path, who="kim", when=WHEN)
    assert set(standing(tmp_path)) == {"a"}


def test_what_held_needs_something_that_was_done(tmp_path: Path) -> None:
    """Of a novel failure nothing can have held."""
    say(tmp_path, "a", "novel")
    with pytest.raises(UnknownNameError, match="what was done"):
        append_held(tmp_path, failure_id="a", held=True, who="kim", when=WHEN)


def test_people_merge_and_split_and_change_their_mind(tmp_path: Path) -> None:
    """Either order of the two names, the last word holds, an undo brings the one before back."""

    def pair(one: str, other: str, *, together: bool) -> None:
        said = {"who": "kim", "when": WHEN, "contents": ("1", "2")}
        append_pair(tmp_path, failures=(one, other), together=together, **said)

    pair("b", "a", together=True)
    pair("c", "a", together=False)
    pair("a", "b", together=False)
    frame = pairs(tmp_path)
    assert frame.schema == PAIRS.schema
    assert frame.rows() == [("a", "b", False), ("a", "c", False)]
    append_undo(tmp_path, who="kim", when=WHEN)
    assert pairs(tmp_path).rows() == [("a", "b", True), ("a", "c", False)]
    with pytest.raises(WorkbenchError, match="two failures"):
        pair("a", "a", together=True)


def test_secrets_never_reach_the_ledger(tmp_path: Path) -> None:
    """What people paste is redacted before it is written."""
    say(
        tmp_path, "a", "edited", done="set password=hunter2222", why="token=hunter2222abc",
        suggested={"suggested": "postgres://u:hunter2222@db/x"},
    )  # fmt: skip
    assert "hunter2222" not in (tmp_path / RESOLUTIONS_FILE).read_text("utf-8")


def test_a_failure_loaded_under_another_id_keeps_its_verdict(tmp_path: Path) -> None:
    """The digest of its text finds it: the same log from another folder, or after a rebuild."""
    say(tmp_path, "old", "resolved", done="cleared it", content=failure_content("the log"))
    say(tmp_path, "gone", "resolved", done="nothing", content=failure_content("another log"))
    loaded = pl.DataFrame({"failure_id": ["new", "z"], "text": ["the log", "third"]})
    frame = resolutions(tmp_path, failures=loaded)
    assert frame["failure_id"].to_list() == ["gone", "new"]


def test_a_torn_or_foreign_line_costs_only_itself(tmp_path: Path) -> None:
    """Half a line, and lines that somebody wrote by hand and wrongly, say nothing."""
    say(tmp_path, "a", "novel")
    file = tmp_path / RESOLUTIONS_FILE
    file.write_bytes(file.read_bytes() + b'{"say": "appro')
    say(tmp_path, "b", "novel")
    bad = (
        {"say": "resolved", "failure": "c", "who": "x", "when": "2026-02-03T08:30:00Z"},
        {"x": 1},
    )
    with file.open("a", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in bad)
    assert set(standing(tmp_path)) == {"a", "b"}
    found = [(fault.at, fault.reason.split()[0]) for fault in resolution_faults(tmp_path)]
    assert found == [("line 2", "Is"), ("line 4", "done"), ("line 5", "say")]
    assert [p.line for p in open_catalogue(tmp_path).problems()][-3:] == [2, 4, 5]
    assert resolution_faults(tmp_path / "nowhere") == ()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"say": "maybe"}, "say is"),
        ({"who": ""}, "who"),
        ({"when": "yesterday"}, "no moment"),
        ({"when": "2026-02-03T08:30:00"}, "no zone"),
        ({"failure": 3}, "failure"),
        ({"done": None}, "done"),
        ({"held": "yes"}, "held"),
        ({"say": "must-link"}, "other"),
        ({}, ""),
    ],
)
def test_the_fault_of_a_line_is_told(change: dict[str, object], what: str) -> None:
    """In words, for whoever merged the file by hand."""
    sound = {
        "say": "resolved",
        "failure": "a",
        "done": "x",
        "who": "k",
        "when": "2026-02-03T08:30Z",
    }
    assert what in line_fault({**sound, **change})
    assert bool(what) == bool(line_fault({**sound, **change}))


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["resolved", "novel", "held", "undo"]), st.sampled_from("ab")),
    max_size=12,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(actions=ACTIONS)
def test_undoing_everything_leaves_nothing(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, str]]
) -> None:
    """Whatever was said and taken back: as many undos as lines that stand bring back the start."""
    folder = tmp_path_factory.mktemp("ledger")
    for number, (action, failure) in enumerate(actions):
        said = {"who": "kim", "when": WHEN + timedelta(minutes=number)}
        try:
            if action == "undo":
                append_undo(folder, **said)
            elif action == "held":
                append_held(folder, failure_id=failure, held=True, **said)
            else:
                done = "x" if action == "resolved" else None
                say(folder, failure, action, done=done, **said)
        except UnknownNameError:
            continue
    assert folded(history(folder)).equals(resolutions(folder))
    for _ in history(folder):
        append_undo(folder, who="kim", when=WHEN)
    assert resolutions(folder).is_empty()

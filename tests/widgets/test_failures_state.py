"""The review of failures without a screen: a word is a line, and a line can be taken back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.analysis.failures.matching import match
from workbench.bench.failure_memory import FailureDesk, with_digests
from workbench.domain.failures import FAILURES
from workbench.errors import UnknownNameError, WorkbenchError
from workbench.knowledge.resolution_frames import pairs
from workbench.knowledge.resolutions import RESOLUTIONS_FILE, append_verdict, failure_content
from workbench.widgets.failures_state import ReviewFailures

START = datetime(2026, 2, 1, 8, 0, tzinfo=UTC)
FULL = ("OSError", "[Errno 28] no room left on the volume")
AWAY = ("WarehouseAway", "no session with the warehouse after 7 attempts")
NEW = ("CertificateEnded", "<script>alert(1)</script> nobody trusts it")


def failures(**said: tuple[str, str]) -> pl.DataFrame:
    """Failures by id, with their digests, an hour apart."""
    rows: list[dict[str, object]] = [
        {"failure_id": name, "exception": exception, "message": message, "map_index": -1,
         "text": f"log of {name}\n{exception}: {message}\n", "dag_id": "orders",
         "task_id": name, "at_utc": START + timedelta(hours=number)}
        for number, (name, (exception, message)) in enumerate(said.items())
    ]  # fmt: skip
    return with_digests(FAILURES.frame(rows))


def lines(folder: Path) -> list[dict[str, Any]]:
    file = folder / RESOLUTIONS_FILE
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


class Clock:
    """A minute passes each time somebody looks."""

    def __init__(self) -> None:
        self.now = START + timedelta(days=1)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
def desk(tmp_path: Path) -> FailureDesk:
    """Five failures of one kind that were mended, and that it held is known."""
    loaded = failures(**{f"m{n}": FULL for n in range(5)})
    for name, text in loaded.select("failure_id", "text").iter_rows():
        append_verdict(
            tmp_path, failure_id=name, content=failure_content(text), verdict="resolved",
            done="freed the disk", held=True, who="lou", when=START,
        )  # fmt: skip
    return FailureDesk(failures=loaded, folder=tmp_path)


def review(desk: FailureDesk, **said: tuple[str, str]) -> ReviewFailures:
    new = failures(**(said or {"a": FULL, "b": NEW, "c": FULL}))
    matches = match(new, desk.memory())
    return ReviewFailures(desk, matches, who="kim", now=Clock(), failures=new)


def test_a_card_shows_what_is_known(desk: FailureDesk) -> None:
    """The failure, what the memory would do and why, the neighbours with their outcomes."""
    card = review(desk).card()
    assert card is not None
    assert (card.about["failure_id"], card.about["dag_id"]) == ("a", "orders")
    assert card.suggestion == "freed the disk"
    assert card.matched["decision"] == "proposed as automatic"
    assert [near["held"] for near in card.neighbours] == [True] * 3
    assert "log of a" in card.text
    assert (card.past, card.verdict) == ((), None)


def test_each_verdict_is_one_call_and_one_line(desk: FailureDesk) -> None:
    """With what was on the screen, so that the gates can be judged by it later."""
    state = review(desk, a=FULL, b=FULL, c=FULL, d=NEW)
    state.approve("as before")
    state.edit("made the volume larger")
    state.reject()
    state.novel()
    said = lines(desk.folder)[5:]
    assert [row["say"] for row in said] == ["approved", "edited", "rejected", "novel"]
    assert [row["done"] for row in said] == [
        "freed the disk", "made the volume larger", None, None
    ]  # fmt: skip
    assert said[0]["suggested"] == "freed the disk"
    assert said[0]["suggested_from"].startswith("m")
    assert said[0]["similarity"] >= 0.82
    assert said[0]["scorer"] == desk.scorer
    assert {row["who"] for row in said} == {"kim"}
    assert state.card() is None
    assert state.counts() == {"approved": 1, "edited": 1, "novel": 1, "rejected": 1, "left": 0}
    assert state.decisions["failure_id"].to_list() == ["a", "b", "c", "d"]


def test_a_failure_without_suggestion_is_resolved_not_edited(tmp_path: Path) -> None:
    """Nothing to approve or reject then; both say so and write nothing."""
    empty = FailureDesk(failures=failures(m=FULL), folder=tmp_path)
    state = review(empty, a=FULL)
    for act in (state.approve, state.reject):
        with pytest.raises(WorkbenchError, match="Nothing is suggested"):
            act()
    assert not (tmp_path / RESOLUTIONS_FILE).exists()
    assert state.edit("freed the disk")["say"] == "resolved"


def test_what_was_approved_is_remembered_the_next_time(desk: FailureDesk) -> None:
    """A reviewed failure that is loaded becomes part of the memory."""
    own = FailureDesk(
        failures=pl.concat([desk.failures, failures(z=AWAY, y=AWAY)]), folder=desk.folder
    )
    before = match(failures(new=AWAY), own.memory()).matches
    assert before["gate1"].to_list() == [False]
    state = ReviewFailures(
        own, match(own.failures.tail(1), own.memory()), who="kim", now=Clock(),
        failures=own.failures.tail(1),
    )  # fmt: skip
    state.edit("waited for the restart")
    after = match(failures(new=AWAY), own.memory()).matches
    assert after.select("gate1", "suggested").rows() == [(True, "waited for the restart")]


def test_an_undo_goes_back_to_its_failure(desk: FailureDesk) -> None:
    """Taken back by a line of its own; only this review's own words."""
    state = review(desk)
    assert not state.can_undo
    state.approve()
    state.novel()
    assert state.at == 2
    state.undo()
    assert (state.at, state.queue[state.at]) == (1, "b")
    assert state.decisions["failure_id"].to_list() == ["a"]
    state.undo()
    assert state.counts() == {"left": 3}
    with pytest.raises(UnknownNameError):
        state.undo()
    assert len(lines(desk.folder)) == 5 + 4


def test_a_new_review_begins_where_the_last_one_ended(desk: FailureDesk) -> None:
    """The ledger holds it, not the process."""
    state = review(desk)
    state.approve()
    again = review(desk)
    assert again.queue[again.at] == "b"
    assert again.counts()["left"] == 2
    again.back()
    card = again.card()
    assert card is not None
    assert (card.verdict, len(card.past)) == ("approved", 1)


def test_one_may_leave_a_failure_for_later(desk: FailureDesk) -> None:
    """Nothing is written, and going past the ends is harmless."""
    state = review(desk)
    for _ in range(9):
        state.skip()
    assert state.card() is None
    with pytest.raises(UnknownNameError):
        state.novel()
    for _ in range(9):
        state.back()
    assert state.at == 0
    assert len(lines(desk.folder)) == 5


def test_whether_it_held_is_a_word_of_its_own(desk: FailureDesk) -> None:
    """Said later, of the failure that is shown; the review stays there."""
    state = review(desk)
    state.approve()
    state.back()
    state.held(held=False)
    card = state.card()
    assert card is not None
    assert (card.verdict, card.held, state.at) == ("approved", False, 0)


def test_people_merge_and_split(desk: FailureDesk) -> None:
    """Pairs of failures, which the next clustering takes."""
    state = review(desk)
    state.merge("m0")
    state.split("m1")
    assert pairs(desk.folder).rows() == [("a", "m0", True), ("a", "m1", False)]
    assert state.at == 0
    with pytest.raises(UnknownNameError, match="nobody"):
        state.merge("nobody")


def test_what_cannot_be_written_changes_nothing(desk: FailureDesk) -> None:
    """The ledger comes first: no verdict is shown that does not stand there."""
    state = review(desk)
    ledger = desk.folder / "ledger"
    (ledger / "resolutions.jsonl").unlink()
    ledger.rmdir()
    ledger.write_text("no folder", "utf-8")
    with pytest.raises(WorkbenchError):
        state.approve()
    assert (state.at, state.can_undo) == (0, False)


def test_nobody_cannot_review(desk: FailureDesk) -> None:
    """A line of the ledger says who."""
    with pytest.raises(WorkbenchError, match="Nobody"):
        ReviewFailures(desk, match(failures(a=FULL), desk.memory()), who=" ", now=Clock())


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.sampled_from(["approve", "reject", "edit", "novel", "skip", "back", "undo"]),
        max_size=10,
    )
)
def test_every_button_leads_to_a_state_that_holds(
    tmp_path_factory: pytest.TempPathFactory, clicks: list[str]
) -> None:
    """Whatever is clicked: counts add up, the place is inside, the ledger says the same."""
    folder = tmp_path_factory.mktemp("review")
    loaded = failures(m=FULL)
    append_verdict(
        folder, failure_id="m", content="x", verdict="resolved", done="freed it", who="lou",
        when=START,
    )  # fmt: skip
    desk = FailureDesk(failures=loaded, folder=folder)
    state = review(desk)
    for click in clicks:
        try:
            state.edit("mended it") if click == "edit" else getattr(state, click)()
        except WorkbenchError:
            continue
    counts = state.counts()
    assert sum(counts.values()) == len(state.queue)
    assert 0 <= state.at <= len(state.queue)
    assert review(desk).decisions.equals(state.decisions)

"""The screen over the state: what is clicked is what is said, and log text is never markup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.widgets.test_failures_state import NEW, Clock, desk, failures, lines, review
from workbench.bench.failure_memory import FailureDesk
from workbench.widgets.failures_state import ReviewFailures
from workbench.widgets.failures_view import COLOURS, KEYS, FailureReview

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
__all__ = ["desk"]


def click(view: FailureReview, name: str) -> None:
    view.buttons[name].click()


def test_clicks_are_lines(desk: FailureDesk) -> None:
    """Approve, undo, novel, each with one click; the screen says how many are left."""
    view = FailureReview(review(desk))
    assert "3 left" in view.status.value
    click(view, "approve")
    assert "1 approved" in view.status.value
    click(view, "undo")
    click(view, "skip")
    click(view, "novel")
    assert [row["say"] for row in lines(desk.folder)[5:]] == ["approved", "undone", "novel"]
    assert view.decisions["verdict"].to_list() == ["novel"]


def test_the_suggestion_is_filled_in_and_may_be_edited(desk: FailureDesk) -> None:
    """What stands in the field is what is written."""
    view = FailureReview(review(desk))
    assert view.done.value == "freed the disk"
    view.done.value, view.why.value = "made it larger", "third time"
    click(view, "edit")
    row = lines(desk.folder)[-1]
    assert (row["say"], row["done"], row["why"]) == ("edited", "made it larger", "third time")


def test_the_colour_follows_the_ledger(desk: FailureDesk) -> None:
    """A card gets the colour of the verdict that stands, and the words beside it."""
    view = FailureReview(review(desk))
    assert COLOURS["approved"] not in view.card.value
    click(view, "approve")
    click(view, "back")
    assert COLOURS["approved"] in view.card.value
    assert "<strong>approved</strong>" in view.card.value


def test_no_colour_before_the_line_stands(desk: FailureDesk) -> None:
    """When the ledger cannot be written the card stays, and the reason is read out."""
    view = FailureReview(review(desk))
    before = view.card.value
    (desk.folder / "ledger" / "resolutions.jsonl").unlink()
    (desk.folder / "ledger").rmdir()
    (desk.folder / "ledger").write_text("no folder", "utf-8")
    click(view, "approve")
    assert view.card.value == before
    assert 'role="alert"' in view.alert.value
    assert "0 approved" not in view.status.value


def press(view: FailureReview, *keys: str) -> None:
    for key in keys:
        view.letters.value = key
        assert view.letters.value == ""


def test_one_letter_is_one_word(desk: FailureDesk) -> None:
    """Approve, undo, reject, novel by a letter, in whatever case; each is a line of the ledger."""
    view = FailureReview(review(desk))
    press(view, "a", "z", "R")
    assert [row["say"] for row in lines(desk.folder)[5:]] == ["approved", "undone", "rejected"]
    press(view, "b", "l", "n")
    assert lines(desk.folder)[-1]["say"] == "novel"
    assert view.alert.value == ""


def test_e_goes_to_the_field_and_writes_nothing(desk: FailureDesk) -> None:
    """What was done is edited there first; saving it is another step."""
    view = FailureReview(review(desk))
    asked: list[str] = []
    view.done.focus = lambda: asked.append("focus")
    press(view, "e")
    assert asked == ["focus"]
    assert len(lines(desk.folder)) == 5


@pytest.mark.parametrize("typed", ["aa", "ar", "x", "7", "approve", "<b>"])
def test_letters_that_say_nothing_clear_do_nothing(desk: FailureDesk, typed: str) -> None:
    """A letter typed twice before the first was heard is not two words; it is read out."""
    view = FailureReview(review(desk))
    press(view, typed)
    assert len(lines(desk.folder)) == 5
    assert "One letter at a time" in view.alert.value
    assert "<b>" not in view.alert.value


def test_a_letter_does_no_more_than_its_button(desk: FailureDesk) -> None:
    """Undo at the start, and all but back and undo at the end, are off for letters as well."""
    view = FailureReview(review(desk))
    press(view, "z")
    assert "not possible" in view.alert.value
    for _ in range(3):
        click(view, "novel")
    written = len(lines(desk.folder))
    press(view, *(key for key in KEYS if key not in "bz"))
    assert len(lines(desk.folder)) == written


def test_text_of_a_log_is_text(desk: FailureDesk) -> None:
    """Markup in a message, a task's name, a fix: shown, never run."""
    state = review(desk, **{"<b>x": NEW})
    view = FailureReview(state)
    view.done.value = "<img src=x onerror=alert(1)>"
    click(view, "edit")
    click(view, "back")
    everything = view.card.value + view.status.value + view.alert.value
    assert "<script" not in everything
    assert "<img" not in everything
    assert "<b>x" not in everything
    assert "&lt;script&gt;" in everything


def test_buttons_that_would_say_nothing_are_off(desk: FailureDesk) -> None:
    """Off at the start: undo, back, whether it held; at the end all but back and undo."""
    view = FailureReview(review(desk))
    off = {name for name, button in view.buttons.items() if button.disabled}
    assert off == {"undo", "back", "held", "failed"}
    for _ in range(3):
        click(view, "skip")
    on = {name for name, button in view.buttons.items() if not button.disabled}
    assert on == {"back"}
    assert "behind" in view.card.value


def test_people_merge_split_and_say_whether_it_held(desk: FailureDesk) -> None:
    """The other failure is chosen among the neighbours."""
    view = FailureReview(review(desk))
    assert len(view.other.options) == 3
    click(view, "merge")
    click(view, "approve")
    click(view, "back")
    click(view, "failed")
    click(view, "held")
    assert [r["say"] for r in lines(desk.folder)[5:]] == ["must-link", "approved", "held", "held"]
    assert "What was said of it" in view.card.value


def test_every_control_has_words_for_a_screen_reader(desk: FailureDesk) -> None:
    """Labels, tooltips, and regions that are read out when they change."""
    view = FailureReview(review(desk), charts=['<svg role="img" aria-label="clusters"></svg>'])
    assert all(button.tooltip and button.description for button in view.buttons.values())
    assert all(field.description for field in (view.done, view.why, view.other))
    assert 'role="status"' in view.status.value
    assert 'aria-live="polite"' in view.card.value
    assert 'aria-label="clusters"' in view.children[-1].value


def test_a_review_of_nothing_is_no_error(tmp_path: Path) -> None:
    """No failures: everything is behind."""
    empty: Any = failures(a=NEW).clear()
    own = FailureDesk(failures=empty, folder=tmp_path)
    from workbench.analysis.failures.matching import match

    state = ReviewFailures(own, match(empty, own.memory()), who="kim", now=Clock())
    assert "0 left" in FailureReview(state).status.value

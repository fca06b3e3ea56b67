"""History replayed: only what was known by then, what was proposed, and how often wrongly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from tests.analysis.failures.alike import WordsInCommon
from workbench.analysis.failures.calibration import LABELLED
from workbench.analysis.failures.gates import Gates
from workbench.analysis.failures.learning import learning_curve, replayed_labels
from workbench.domain.failure_memory import RESOLUTIONS

START = datetime(2026, 1, 1, tzinfo=UTC)
FAULTS = {"A": "alpha is full", "B": "beta waits", "C": "gamma refused us"}


def hours(number: float) -> datetime:
    return START + timedelta(hours=number)


def logged(kinds: str) -> pl.DataFrame:
    """A failure an hour, of the kinds named by letter."""
    rows = [
        {"failure_id": f"f{n:03}", "at_utc": hours(n), "digest_id": kind, "digest": FAULTS[kind],
         "exception": kind}
        for n, kind in enumerate(kinds)
    ]  # fmt: skip
    return pl.DataFrame(rows)


def resolved(*said: tuple[int, float, str, bool | None]) -> pl.DataFrame:
    """Resolutions: failure, hour, what was done, did it hold."""
    rows: list[dict[str, Any]] = [
        {"failure_id": f"f{n:03}", "when_utc": hours(at), "verdict": "resolved", "done": done,
         "held": held}
        for n, at, done, held in said
    ]  # fmt: skip
    return RESOLUTIONS.frame(rows)


def curve(kinds: str, said: pl.DataFrame | None = None, **more: Any) -> pl.DataFrame:
    frame = logged(kinds)
    return learning_curve(
        frame, RESOLUTIONS.empty() if said is None else said, WordsInCommon(frame), **more
    )


def truths(kinds: str) -> dict[str, str]:
    return {f"f{n:03}": f"mend {kind}" for n, kind in enumerate(kinds)}


def test_the_memory_speaks_after_it_has_seen_enough() -> None:
    """The first is novel, three are not enough to be sure, from the fifth on it is proposed."""
    got = curve("AAAAAAA", truth=truths("AAAAAAA"))
    assert got["gate1"].to_list() == [False, *[True] * 6]
    assert got["automatic"].to_list() == [False] * 4 + [True] * 3
    assert got["right"].to_list() == [None, *[True] * 6]
    assert got["automatic_share"][-1] == pytest.approx(3 / 7)
    assert got["wrong_share"][-1] == 0
    assert got["novel_share"][-1] == pytest.approx(1 / 7)


def test_a_fault_that_changes_its_cause_makes_it_wrong() -> None:
    """Same text, another remedy: what was proposed counts as wrong, and is not hidden."""
    truth = truths("AAAAAA") | {"f005": "something else"}
    got = curve("AAAAAA", truth=truth)
    assert got["right"].to_list()[-2:] == [True, False]
    assert got["wrong_share"][-1] == pytest.approx(1 / 2)


def test_nothing_from_the_future_is_used() -> None:
    """A resolution counts from its own hour on, not from that of its failure."""
    late = resolved(*((n, 10.5, "mend it", True) for n in range(5)))
    got = curve("A" * 12, late)
    assert got["gate1"].to_list() == [False] * 11 + [True]
    moved = resolved(*((n, 11.5, "mend it", True) for n in range(5)))
    before = curve("A" * 12, moved)
    assert not before["gate1"].any()
    assert before.head(11).drop("right").equals(got.head(11).drop("right"))


def test_who_ends_unknown_is_neither_right_nor_wrong() -> None:
    """A failure that nobody resolved has no truth; its share of wrong ones stays open."""
    said = resolved(*((n, n + 0.5, "mend it", True) for n in range(4)))
    got = curve("AAAAAA", said)
    assert got["automatic"].to_list() == [False] * 4 + [True] * 2
    assert got["right"].to_list()[-2:] == [None, None]
    assert got["wrong_share"][-1] is None


def test_what_did_not_hold_is_not_proposed() -> None:
    """Five times done, never held: known, never automatic."""
    said = resolved(*((n, n + 0.5, "mend it", False) for n in range(6)))
    got = curve("AAAAAAA", said)
    assert got["gate1"].sum() == 6
    assert got["automatic"].sum() == 0


def test_a_rejection_takes_the_confidence_away() -> None:
    """Five that held, then people say no: the sixth word shuts the gate again."""
    said = resolved(*((n, n + 0.5, "mend it", True) for n in range(5)))
    no = RESOLUTIONS.frame(
        [{"failure_id": f"f{n:03}", "when_utc": hours(n + 0.5), "verdict": "rejected",
          "suggested": "Mend it"} for n in range(5, 9)]
    )  # fmt: skip
    got = curve("A" * 10, pl.concat([said, no]))
    assert got["automatic"].to_list()[5] is True
    assert got["automatic"].to_list()[9] is False


def test_gates_are_those_that_were_asked_for() -> None:
    """A gate of confidence 0.1 lets one of one pass; without any that held nothing passes."""
    loose = Gates(confidence=0.0)
    assert curve("AA", truth=truths("AA"), gates=loose)["automatic"].to_list() == [False, True]
    said = resolved((0, 0.5, "mend it", None))
    assert curve("AA", said, gates=loose)["automatic"].to_list() == [False, False]


def test_recent_shares_look_back_on_a_window() -> None:
    """Over the last two of six, all are automatic."""
    got = curve("A" * 7, truth=truths("A" * 7), window=2)
    assert got["recent_automatic_share"][-1] == 1.0
    assert got["automatic_share"][-1] < 1.0
    assert got["recent_wrong_share"][-1] == 0.0


def test_failures_without_a_time_are_left_out() -> None:
    """They have no place in the order."""
    frame = logged("AB").with_columns(at_utc=pl.when(pl.col("digest_id") == "A").then("at_utc"))
    assert learning_curve(frame, RESOLUTIONS.empty(), WordsInCommon(frame)).height == 1
    empty = frame.clear()
    assert learning_curve(empty, RESOLUTIONS.empty(), WordsInCommon(empty)).is_empty()


def test_a_replay_gives_labels_for_calibration() -> None:
    """Every suggestion whose truth is known, with how alike it was."""
    labels = replayed_labels(curve("AABBA", truth=truths("AABBA")))
    assert labels.schema == LABELLED
    # the first B was told what had ended A, which was wrong
    assert labels["right"].to_list() == [True, False, True, True]

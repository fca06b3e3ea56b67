"""Thresholds from labels: as low as one may be sure of, and an honest answer when one may not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.failures.calibration import (
    LABELLED,
    calibrate,
    cost_curve,
    reliability,
    spoken_labels,
)
from workbench.analysis.intervals import at_least
from workbench.domain.failure_memory import DEFAULT_SIMILARITY, RESOLUTIONS
from workbench.errors import WorkbenchError


def labelled(*groups: tuple[str | None, float, int, int]) -> pl.DataFrame:
    """Labels: class, similarity, how many right, how many wrong."""
    rows = [
        {"failure_id": f"{name}{share}{n}", "error_class": name, "similarity": share,
         "right": n < right}
        for name, share, right, wrong in groups
        for n in range(right + wrong)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=LABELLED)


@pytest.mark.parametrize(
    ("successes", "trials", "bound"),
    [(0, 0, 0.0), (0, 9, 0.0), (1, 1, 0.1), (4, 4, 0.5623), (45, 45, 0.9501), (44, 45, 0.9163)],
)
def test_the_bound_of_clopper_and_pearson(successes: int, trials: int, bound: float) -> None:
    """Values that follow from the definition: (1 - level) ** (1 / n) when all succeeded."""
    assert at_least(successes, trials) == pytest.approx(bound, abs=5e-5)


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_bound_is_below_the_share_and_grows_with_success(right: int, wrong: int) -> None:
    """Never above what was seen; one more success never lowers it."""
    bound = at_least(right, right + wrong)
    assert 0 <= bound <= right / max(right + wrong, 1)
    assert at_least(right + 1, right + 1 + wrong) > bound


def test_a_bound_of_more_than_all_is_refused() -> None:
    """Five of four is no share."""
    with pytest.raises(ValueError, match="5 of 4"):
        at_least(5, 4)


def row(frame: pl.DataFrame, name: str | None) -> dict[str, Any]:
    (only,) = frame.filter(pl.col("error_class").eq_missing(pl.lit(name))).to_dicts()
    return only


def test_the_lowest_threshold_that_one_may_be_sure_of() -> None:
    """60 right at .9 allow it; the wrong ones at .6 do not; .8 is in between and is taken."""
    labels = labelled((None, 0.9, 60, 0), (None, 0.8, 60, 1), (None, 0.6, 20, 20))
    got = row(calibrate(labels).rows, None)
    assert (got["threshold"], got["labels"], got["right"]) == (0.8, 161, 140)
    assert got["precision_low"] == pytest.approx(at_least(120, 121))
    assert got["recall"] == pytest.approx(120 / 140)
    gates = calibrate(labels).gates(confidence=0.7)
    assert (gates.similarity, gates.confidence, gates.calibrated) == (0.8, 0.7, True)


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (labelled(), "too few"),
        (labelled((None, 0.9, 44, 0)), "45 right ones in a row would do"),
        (labelled((None, 0.9, 80, 40)), "too many wrong"),
    ],
    ids=["none", "one short", "wrong at the top"],
)
def test_too_few_labels_say_so_and_the_default_stays(labels: pl.DataFrame, says: str) -> None:
    """0.82, called uncalibrated, and how many would be needed."""
    made = calibrate(labels)
    got = row(made.rows, None)
    assert (got["threshold"], got["calibrated"], got["needed"]) == (None, False, 45)
    assert says in got["says"]
    assert made.gates().similarity == DEFAULT_SIMILARITY
    assert made.gates().calibrated is False


def test_each_class_has_its_own_threshold_where_its_labels_allow() -> None:
    """One class is sure at .7, the other at .95 only, a third has too few labels."""
    made = calibrate(
        labelled(("A", 0.7, 90, 0), ("B", 0.95, 60, 0), ("B", 0.7, 0, 20), ("C", 0.9, 3, 0))
    )
    assert made.gates().classes == {"A": 0.7, "B": 0.95}
    assert row(made.rows, "C")["says"].startswith("3 labels of C, 3 right: too few")


@given(
    st.lists(st.tuples(st.sampled_from([0.5, 0.7, 0.8, 0.9, 1.0]), st.booleans()), max_size=200),
    st.sampled_from([0.6, 0.8, 0.95]),
)
def test_what_passes_keeps_the_bound(pairs: list[tuple[float, bool]], precision: float) -> None:
    """Whatever the labels: at a threshold that is answered the bound holds; a null claims none."""
    labels = pl.DataFrame(
        [{"failure_id": str(n), "error_class": None, "similarity": s, "right": r}
         for n, (s, r) in enumerate(pairs)],
        schema=LABELLED,
    )  # fmt: skip
    got = row(calibrate(labels, precision=precision).rows, None)
    if got["threshold"] is None:
        return
    passed = [right for share, right in pairs if share >= got["threshold"]]
    assert at_least(sum(passed), len(passed)) >= precision


@pytest.mark.parametrize("wrong", [{"precision": 1.0}, {"precision": 0.0}, {"level": 1.0}])
def test_certainty_cannot_be_asked_for(wrong: dict[str, float]) -> None:
    """No number of labels makes one sure of everything."""
    with pytest.raises(WorkbenchError, match="between 0 and 1"):
        calibrate(labelled(), **wrong)


def test_reliability_bins_what_was_said_against_what_was_so() -> None:
    """Ten bins, 1.0 in the last one; a bin without labels is no row."""
    got = reliability(labelled((None, 0.95, 9, 1), (None, 1.0, 2, 0), (None, 0.32, 1, 3)))
    assert got.select("low", "high", "labels").rows() == [(0.3, 0.4, 4), (0.9, 1.0, 12)]
    assert got["share"].to_list() == pytest.approx([0.25, 11 / 12])
    assert (got["share_low"] < got["share"]).all()
    assert reliability(labelled()).is_empty()


def test_the_cost_of_asking_too_often_and_too_seldom() -> None:
    """Four failures: each wrong act costs 100 minutes, each question 10."""
    labels = labelled((None, 0.9, 2, 0), (None, 0.6, 1, 1))
    got = cost_curve(labels, wrong_minutes=100, person_minutes=10)
    assert got["threshold"].to_list() == [0.6, 0.9, None]
    assert got["minutes"].to_list() == [25.0, 5.0, 10.0]
    assert got["wrong_share"].to_list() == [0.25, 0.0, 0.0]
    assert cost_curve(labelled(), wrong_minutes=1, person_minutes=1).is_empty()


def test_verdicts_on_suggestions_are_labels() -> None:
    """Approved is right; rejected, edited and novel are wrong; another scorer says nothing."""
    shown = {
        "suggested": "clear it",
        "similarity": 0.9,
        "scorer": "s",
        "when_utc": datetime(2026, 1, 1, tzinfo=UTC),
    }
    rows = [
        {"failure_id": "a", "verdict": "approved", "done": "clear it", **shown},
        {"failure_id": "b", "verdict": "rejected", **shown},
        {"failure_id": "c", "verdict": "edited", "done": "clear it twice", **shown},
        {"failure_id": "d", "verdict": "novel", **shown},
        {"failure_id": "e", "verdict": "resolved", "done": "Clear it.", **shown},
        {"failure_id": "f", "verdict": "approved", "done": "clear it", **shown, "scorer": "t"},
        {"failure_id": "g", "verdict": "resolved", "done": "x"},
    ]
    frame = RESOLUTIONS.frame(rows).with_columns(exception=pl.lit("E"))
    got = spoken_labels(frame, scorer="s")
    assert got.schema == LABELLED
    right = [True, False, False, False, True]
    assert list(zip(got["failure_id"], got["right"], strict=True)) == list(
        zip("abcde", right, strict=True)
    )

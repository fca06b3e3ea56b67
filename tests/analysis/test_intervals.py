"""The Wilson interval: known values, ends, and how it moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.intervals import wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.2775),
        (1, 10, 0.0179, 0.4042),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_known_values(successes: int, trials: int, low: float, high: float) -> None:
    """Newcombe's 81 of 263 and hand-computed small cases come out to four digits."""
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_share_lies_inside_and_more_trials_narrow_it(case: tuple[int, int]) -> None:
    """The interval holds the share, stays in [0, 1], and narrows with ten times the trials."""
    successes, trials = case
    low, high = wilson(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    tight_low, tight_high = wilson(10 * successes, 10 * trials)
    assert tight_high - tight_low < high - low


@pytest.mark.parametrize("case", [(2, 1), (-1, 3)])
def test_no_share_is_an_error(case: tuple[int, int]) -> None:
    """More successes than trials is the caller's mistake."""
    with pytest.raises(ValueError, match="no share"):
        wilson(*case)

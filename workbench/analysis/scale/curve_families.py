"""The five shapes a query's cost may have over a table's rows, fitted to many series at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Indices: TypeAlias = NDArray[np.int64]

FAMILIES = ("constant", "linear", "log", "n log n", "power")
"""Of those that fit alike the first is taken: what does not grow, then what a scan does."""
COEFFICIENTS = (1, 2, 2, 2, 2)
SIZES_FOR_AICC = 6
"""With fewer sizes the small-sample correction decides alone: at five it asks 24 of two
coefficients and 6 of one, so that costs of 2.6 to 88 ms would count as constant."""
DRIFT = 0.05
"""Least relative error between sizes: no machine is steadier from one moment to the next."""
ALIKE = 2.0
"""Scores that differ by less do not tell two shapes apart."""
FINEST = 1e-3
"""Relative error below which two fits count as equally good."""
STEEPEST = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """Fitted shapes of many series over the same sizes: ``offset + slope * growth(rows)``.

    Attributes
    ----------
    first_rows : float
        Smallest size; growth is counted from there, so that coefficients stay of one order.
    offset, slope : numpy.ndarray
        Coefficients by family and series; of ``power`` they are factor and exponent.
    score : numpy.ndarray
        AICc by family and series, smaller is better.
    """

    first_rows: float
    offset: Floats
    slope: Floats
    score: Floats

    def best(self) -> Indices:
        """The first family of each series among those that fit best and alike."""
        import numpy as np

        near = self.score <= self.score.min(axis=0) + ALIKE
        found: Indices = np.argmax(near, axis=0)
        return found

    def drawn(self, seed: int) -> Indices:
        """A family for each series, drawn with the probability that its score gives it.

        Where several shapes fit the data alike, a band must not know which of them holds.
        """
        import numpy as np

        weights = np.exp(-0.5 * (self.score - self.score.min(axis=0)))
        steps = np.cumsum(weights / weights.sum(axis=0), axis=0)
        chance = np.random.default_rng(seed).random(steps.shape[1])
        found: Indices = (steps < chance).sum(axis=0).clip(max=len(FAMILIES) - 1)
        return found

    def values(self, rows: Floats, families: Indices) -> Floats:
        """Cost of each series (rows of the answer) at each number of rows (columns)."""
        import numpy as np

        made = np.empty((families.size, rows.size))
        for index in range(len(FAMILIES)):
            of = families == index
            if of.any():
                a, b = self.offset[index, of, None], self.slope[index, of, None]
                made[of] = _value(index, rows, a, b, self.first_rows)
        return made


def fit_shapes(rows: Floats, costs: Floats, *, noise: float) -> Shapes:
    """Fit every family to every series of costs by least relative squares.

    Parameters
    ----------
    rows : numpy.ndarray
        Sizes in rising order.
    costs : numpy.ndarray
        One series a row, one size a column; all above zero.
    noise : float
        Relative scatter of the repetitions; decides where there are too few sizes for AICc.
    """
    import numpy as np

    first = float(rows[0])
    fitted = [_fit(index, rows, costs, first) for index in range(len(FAMILIES))]
    scores = []
    for index, (a, b) in enumerate(fitted):
        made = _value(index, rows, a[:, None], b[:, None], first)
        residual = np.log(costs) - np.log(np.maximum(made, 1e-300))
        scores.append(_score(residual, COEFFICIENTS[index], noise))
    offset, slope = (np.stack([pair[which] for pair in fitted]) for which in (0, 1))
    return Shapes(first_rows=first, offset=offset, slope=slope, score=np.stack(scores))


def _value(index: int, rows: Floats, a: Floats, b: Floats, first: float) -> Floats:
    import numpy as np

    if FAMILIES[index] == "power":
        made: Floats = a * (rows / first) ** b
        return made
    grown = np.zeros_like(rows) if index == 0 else _growths()[FAMILIES[index]](rows, first)
    return np.maximum(a + b * grown, 0.0)


def _growths() -> dict[str, Callable[[Floats, float], Floats]]:
    import numpy as np

    return {
        "log": lambda rows, first: np.log(rows / first),
        "linear": lambda rows, first: rows / first,
        "n log n": lambda rows, first: rows * np.log1p(rows) / (first * np.log1p(first)),
    }


def _fit(index: int, rows: Floats, costs: Floats, first: float) -> tuple[Floats, Floats]:
    """Both coefficients of one family for every series, neither below zero."""
    import numpy as np

    if FAMILIES[index] == "power":
        x, y = np.log(rows / first), np.log(costs)
        spread = ((x - x.mean()) ** 2).sum()
        exponent = np.zeros(len(costs))
        if spread > 0:
            exponent = ((y - y.mean(axis=1, keepdims=True)) * (x - x.mean())).sum(axis=1) / spread
        exponent = exponent.clip(0.0, STEEPEST)
        return np.exp(y.mean(axis=1) - exponent * x.mean()), exponent
    grown = np.zeros_like(rows) if index == 0 else _growths()[FAMILIES[index]](rows, first)
    # relative to what was measured, then relative to what was fitted: the first alone would
    # believe a size more the lower it came out by chance
    a, b = _line(grown, costs, 1 / costs**2)
    fitted = np.maximum(a[:, None] + b[:, None] * grown, costs.min() * 1e-3)
    return _line(grown, costs, 1 / fitted**2)


def _line(grown: Floats, costs: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Weighted least squares of offset and slope with both at zero or above, in closed form."""
    import numpy as np

    s0, s1, s2 = (weights.sum(axis=1), weights @ grown, weights @ grown**2)
    t0, t1 = (weights * costs).sum(axis=1), (weights * costs) @ grown
    flat = t0 / s0
    determinant = s0 * s2 - s1**2
    if (determinant <= 1e-12 * s0 * np.maximum(s2, 1e-300)).any():
        # one size: a shape that grows goes through nothing at nothing
        grows = s2 > 0
        return np.where(grows, 0.0, flat), np.where(grows, t1 / np.where(grows, s2, 1.0), 0.0)
    slope = (s0 * t1 - s1 * t0) / determinant
    offset = (s2 * t0 - s1 * t1) / determinant
    through = t1 / s2
    falls, dips = slope < 0, offset < 0
    offset = np.where(falls, flat, np.where(dips, 0.0, offset))
    return offset, np.where(falls, 0.0, np.where(dips, through, slope))


def _score(residual: Floats, coefficients: int, noise: float) -> Floats:
    import numpy as np

    sizes = residual.shape[1]
    squares = (residual**2).sum(axis=1)
    if sizes < SIZES_FOR_AICC:
        known: Floats = squares / max(noise, DRIFT) ** 2 + 2 * coefficients
        return known
    free = coefficients + 1  # the error's own size is estimated, too
    correction = 2 * free * (free + 1) / (sizes - free - 1)
    scored: Floats = sizes * np.log(np.maximum(squares / sizes, FINEST**2)) + 2 * free + correction
    return scored

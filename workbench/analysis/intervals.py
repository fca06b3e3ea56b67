"""Intervals for shares that were counted on few cases."""

from __future__ import annotations

from math import sqrt

# Two-sided 95 % of the normal distribution.
Z_95 = 1.959963984540054


def wilson(successes: int, trials: int, *, z: float = Z_95) -> tuple[float, float]:
    """Return the Wilson score interval of a share, within 0 and 1 also for very few trials.

    Parameters
    ----------
    successes, trials : int
        How often it held, out of how many; no trials say nothing, so the interval is 0 to 1.
    z : float
        Half width in standard deviations; 95 % unless given.

    Raises
    ------
    ValueError
        There are more successes than trials, or less than none.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no share.")
    if trials == 0:
        return 0.0, 1.0
    share, weight = successes / trials, z * z / trials
    centre = share + weight / 2
    spread = z * sqrt(share * (1 - share) / trials + weight / (4 * trials))
    low, high = (centre - spread) / (1 + weight), (centre + spread) / (1 + weight)
    # At the ends rounding leaves a share that was always or never seen just outside.
    return (0.0 if successes == 0 else low), (1.0 if successes == trials else high)


def at_least(successes: int, trials: int, *, level: float = 0.90) -> float:
    """Return the share that so many successes let one be sure of: Clopper-Pearson, one-sided.

    Parameters
    ----------
    successes, trials : int
        How often it held, out of how many; no trials let one be sure of nothing.
    level : float
        How sure.

    Raises
    ------
    ValueError
        There are more successes than trials, or less than none.

    Examples
    --------
    >>> round(at_least(4, 4), 3)
    0.562
    """
    from scipy.special import betaincinv

    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no share.")
    if successes == 0:
        return 0.0
    return float(betaincinv(successes, trials - successes + 1, 1 - level))

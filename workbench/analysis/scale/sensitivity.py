"""Which input matters: Sobol indices, and one input at a time."""

from __future__ import annotations

import math

import polars as pl

from workbench.analysis.scale.uncertainty import Varying
from workbench.domain.tables import table
from workbench.errors import WorkbenchError

SOBOL = table(
    "sobol",
    {
        "input": (pl.String, "name of the input"),
        "stated": (pl.String, "its distribution in words"),
        "first_order": (pl.Float64, "share of the loop's variance that it explains alone"),
        "total": (pl.Float64, "share that would be gone if it were known, interactions included"),
    },
)
TORNADO = table(
    "tornado",
    {
        "input": (pl.String, "name of the input"),
        "stated": (pl.String, "its distribution in words"),
        "low_seconds": (pl.Float64, "loop where it stands at its 5 % quantile, others at median"),
        "middle_seconds": (pl.Float64, "loop where all stand at their median"),
        "high_seconds": (pl.Float64, "loop where it stands at its 95 % quantile"),
        "swing_seconds": (pl.Float64, "distance between low and high"),
    },
)


def sobol(varying: Varying, *, base_samples: int = 65_536, seed: int = 0) -> pl.DataFrame:
    """Divide the variance of the loop's seconds among its inputs.

    First order after Saltelli (2010), total after Jansen (1999), on one scrambled Sobol sequence.

    Parameters
    ----------
    varying : Varying
        The loop and how its inputs vary.
    base_samples : int
        A power of two; the model is asked ``base_samples * (inputs + 2)`` times.
    seed : int
        Of the scrambling.

    Returns
    -------
    polars.DataFrame
        As :data:`SOBOL` declares, the input that matters most first. Shares are zero where the
        loop does not vary at all.
    """
    import numpy as np
    from scipy.stats import qmc

    if base_samples < 2 or base_samples & (base_samples - 1):
        what = f"{base_samples!r} base samples are no power of two."
        raise WorkbenchError(what, right="A Sobol sequence is balanced over 2, 4, 8, ... samples.")
    inputs = len(varying.inputs)
    points = qmc.Sobol(d=2 * inputs, rng=seed).random_base2(int(math.log2(base_samples)))
    first, second = points[:, :inputs], points[:, inputs:]
    at_first, at_second = varying.seconds(first), varying.seconds(second)
    both = np.concatenate([at_first, at_second])
    variance, middle = both.var(), both.mean()
    rows: list[dict[str, object]] = []
    for column, (name, distribution) in enumerate(varying.inputs.items()):
        mixed = first.copy()
        mixed[:, column] = second[:, column]
        at_mixed = varying.seconds(mixed)
        alone = np.mean((at_second - middle) * (at_mixed - at_first))
        with_others = np.mean((at_first - at_mixed) ** 2) / 2
        shares = (alone / variance, with_others / variance) if variance > 0 else (0.0, 0.0)
        rows.append(
            {
                "input": name,
                "stated": distribution.says(),
                "first_order": float(shares[0]),
                "total": float(shares[1]),
            }
        )
    return SOBOL.frame(rows).sort("total", "input", descending=[True, False])


def tornado(varying: Varying) -> pl.DataFrame:
    """Move one input at a time from its 5 % to its 95 % quantile, the others at their median.

    Returns
    -------
    polars.DataFrame
        As :data:`TORNADO` declares, the widest swing first.
    """
    import numpy as np

    inputs = len(varying.inputs)
    shares = np.full((2 * inputs + 1, inputs), 0.5)
    for column in range(inputs):
        shares[2 * column + 1, column], shares[2 * column + 2, column] = 0.05, 0.95
    taken = varying.seconds(shares)
    rows: list[dict[str, object]] = [
        {
            "input": name,
            "stated": distribution.says(),
            "low_seconds": float(taken[2 * column + 1]),
            "middle_seconds": float(taken[0]),
            "high_seconds": float(taken[2 * column + 2]),
            "swing_seconds": float(abs(taken[2 * column + 2] - taken[2 * column + 1])),
        }
        for column, (name, distribution) in enumerate(varying.inputs.items())
    ]
    return TORNADO.frame(rows).sort("swing_seconds", "input", descending=[True, False])

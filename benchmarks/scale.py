"""Times the scale models: draws, Sobol indices, a grid, the probe's simulation, a curve's fit.

Run ``python benchmarks/scale.py``. Imports are done before a clock starts; the load of the machine
stands beside the figures, because another process moves them more than anything here.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from workbench.analysis.scale.cost_curves import fit_curves
from workbench.analysis.scale.distributions import (
    Distribution,
    LogNormal,
    LogUniform,
    Triangular,
    Uniform,
)
from workbench.analysis.scale.inverse import explain_restarts
from workbench.analysis.scale.loop import LoopModel
from workbench.analysis.scale.probe import Probe
from workbench.analysis.scale.sensitivity import sobol
from workbench.analysis.scale.simulation import simulate
from workbench.analysis.scale.sweeps import sweep
from workbench.analysis.scale.uncertainty import Varying, spread
from workbench.shipped_files import shipped

LOOP = LoopModel(n_tis=2_000, n_dagruns=20, per_query_seconds=0.34)
SIX: dict[str, Distribution] = {
    "n_tis": Uniform(low=500, high=4_000),
    "n_dagruns": Uniform(low=1, high=20),
    "per_query_seconds": LogNormal(median=0.155, p95=0.265),
    "python_seconds_per_ti": LogUniform(low=0.0005, high=0.002),
    "round_trip_seconds": Triangular(low=0.0001, mode=0.0002, high=0.001),
    "position": Uniform(low=0, high=2_000),
}
RECORDED = shipped("fixtures") / "measurements" / "task-reschedule-lookup.parquet"


def timed(work: Callable[[], Any], *, times: int = 5) -> tuple[float, float, Any]:
    """Least and median seconds of some work, and what it answered last."""
    taken, answer = [], None
    for _ in range(times):
        began = time.perf_counter()
        answer = work()
        taken.append(time.perf_counter() - began)
    return min(taken), float(np.median(taken)), answer


def say(what: str, least: float, median: float, more: str = "") -> None:
    """Print a line of figures."""
    print(f"{what:<52} min {least:7.3f} s  median {median:7.3f} s  {more}")


def held_out() -> str:
    """How far the prediction of the largest recorded size is from what was measured."""
    recorded = pl.read_parquet(RECORDED).filter(profile="miss")
    curves = fit_curves(recorded.filter(pl.col("rows") < 900_000), statistic="median")
    largest = recorded.filter(rows=900_000).group_by("variant").agg(pl.col("client_ms").median())
    off = [
        f"{variant} {curves.predict(900_000, variant=variant).value_ms / ms - 1:+.0%}"
        for variant, ms in largest.sort("variant").iter_rows()
    ]
    return ", ".join(off)


def main() -> None:
    """Print every figure."""
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    six = Varying(model=LOOP, inputs=SIX)
    sobol(six, base_samples=64)
    say("1,000,000 draws of 6 inputs", *timed(lambda: spread(six, 120))[:2])
    say("Sobol, 65,536 base samples x 8", *timed(lambda: sobol(six))[:2])
    axes = {
        "n_tis": np.linspace(10, 4_000, 100).tolist(),
        "n_dagruns": list(range(1, 101)),
        "per_query_seconds": np.geomspace(1e-5, 1, 100).tolist(),
    }
    say("a grid of 1,000,000 points", *timed(lambda: sweep(LOOP, axes, limit_seconds=120))[:2])
    least, median, stuck = timed(lambda: simulate(math.inf))
    form = Probe().stuck_restarts(57_600)
    say("16 h stuck", least, median, f"{stuck.restarts} restarts, closed form {form:.1f}")
    long = 400 * Probe().stuck_cycle_seconds()
    count = simulate(math.inf, horizon_seconds=long).restarts
    print(f"  400 cycles stuck: {count} restarts")
    for loop in (300, 320, 340, 360, 380, 400, 420):
        counts = [simulate(loop, seed=seed).restarts for seed in range(8)]
        print(f"  16 h of {loop} s loops: {min(counts)} to {max(counts)} restarts")
    say("16 h of 5 s loops", *timed(lambda: simulate(5.0), times=3)[:2])
    least, median, fifty = timed(lambda: explain_restarts(50), times=1)
    say("50 restarts explained", least, median, fifty.says())
    recorded = pl.read_parquet(RECORDED)
    say("curves of the recorded ladder", *timed(lambda: fit_curves(recorded))[:2])
    print(f"  held-out 900,000 rows, client median: {held_out()}")
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

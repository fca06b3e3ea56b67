"""Commands of the liveness probe: simulate a loop under it, explain a count of restarts."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Annotated

import typer

from workbench.analysis.scale.defaults import default
from workbench.cli.answers import CallerError, JsonOption, answer, screen, wants_json
from workbench.cli.scale_options import (
    FAILURES,
    GRACE,
    JITTER,
    LIMIT,
    PERIOD,
    START,
    STUCK,
    FailuresOption,
    GraceOption,
    HoursOption,
    JitterOption,
    PeriodOption,
    SeedOption,
    StartOption,
    ThresholdOption,
    number,
    probe,
)

HOUR = 3600.0
HOURS = default("horizon_seconds") / HOUR
SHOWN = 8


def attach(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("simulate")(simulate)
    app.command("fit")(fit)


def simulate(
    *,
    loop_seconds: Annotated[
        str, typer.Option("--loop-seconds", help="Mean duration of a loop, or stuck.")
    ],
    hours: HoursOption = HOURS,
    runs: Annotated[int, typer.Option("--runs", help="Horizons that are simulated.")] = 8,
    period_seconds: PeriodOption = PERIOD,
    failures: FailuresOption = FAILURES,
    threshold_seconds: ThresholdOption = LIMIT,
    grace_seconds: GraceOption = GRACE,
    start_seconds: StartOption = START,
    jitter: JitterOption = JITTER,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Run a scheduler with such loops under its liveness probe: restarts, and the grey zone."""
    from workbench.analysis.scale.simulation import simulate as run

    if runs < 1:
        raise CallerError(f"--runs is {runs}.", right="At least one horizon is simulated.")
    watched = probe(
        period=period_seconds,
        failures=failures,
        threshold=threshold_seconds,
        grace=grace_seconds,
        start=start_seconds,
    )
    stuck = loop_seconds == STUCK
    loop = math.inf if stuck else number(loop_seconds, option="--loop-seconds")
    horizon = hours * HOUR
    courses = [
        run(loop, watched, horizon_seconds=horizon, jitter=jitter, seed=seed + n)
        for n in range(1 if math.isinf(loop) else runs)
    ]
    counts = sorted(course.restarts for course in courses)
    if wants_json(as_json):
        answer(
            "scale-simulate",
            {
                "loop_seconds": None if math.isinf(loop) else loop,
                "horizon_seconds": horizon,
                "probe": asdict(watched),
                "never_killed_seconds": watched.never_killed_seconds,
                "always_killed_seconds": watched.always_killed_seconds,
                "stuck_restarts": watched.stuck_restarts(horizon),
                "restarts_least": counts[0],
                "restarts_most": counts[-1],
                "runs": [
                    {
                        "seed": seed + n,
                        "restarts": course.restarts,
                        "loops": course.loops,
                        "failed_checks": course.failed_checks,
                        "stale_seconds": course.stale_seconds,
                        "down_seconds": course.down_seconds,
                        "health": str(course.health),
                    }
                    for n, course in enumerate(courses)
                ],
            },
        )
        return
    first = courses[0]
    said = f"{counts[0]} to {counts[-1]}" if counts[0] < counts[-1] else f"{counts[0]}"
    screen().print(
        f"{said} restarts in {hours:g} h ({first.health}); the heartbeat was stale for "
        f"{first.stale_seconds / horizon:.0%} of the time.\n"
        f"Steady loops of {watched.threshold_seconds:g} to {watched.never_killed_seconds:g} s are "
        f"never killed, and unhealthy all the while.\n"
        f"A loop that is stuck is restarted {watched.stuck_restarts(horizon):.0f} times."
    )


def fit(
    *,
    restarts: Annotated[int, typer.Option("--restarts", help="Restarts that were counted.")],
    hours: HoursOption = HOURS,
    counted_within: Annotated[
        float, typer.Option("--counted-within", help="Standard deviation of that count.")
    ] = 2.0,
    stuck_prior: Annotated[
        float, typer.Option("--stuck-prior", help="How likely a stuck loop was before the count.")
    ] = 0.5,
    period_seconds: PeriodOption = PERIOD,
    failures: FailuresOption = FAILURES,
    threshold_seconds: ThresholdOption = LIMIT,
    grace_seconds: GraceOption = GRACE,
    jitter: JitterOption = JITTER,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Say which loop times explain a count of restarts: a posterior, not one answer."""
    from workbench.analysis.scale.inverse import explain_restarts

    watched = probe(
        period=period_seconds,
        failures=failures,
        threshold=threshold_seconds,
        grace=grace_seconds,
        start=default("start_seconds"),
    )
    found = explain_restarts(
        restarts,
        watched,
        horizon_seconds=hours * HOUR,
        counted_within=counted_within,
        stuck_prior=stuck_prior,
        jitter=jitter,
        seed=seed,
    )
    rows = [
        {**row, "loop_seconds": None if math.isinf(row["loop_seconds"]) else row["loop_seconds"]}
        for row in found.explanations.to_dicts()
    ]
    slow = found.slow_loop()
    if wants_json(as_json):
        answer(
            "scale-fit",
            {
                "restarts": restarts,
                "horizon_seconds": found.horizon_seconds,
                "prior": found.prior,
                "says": found.says(),
                "stuck_probability": found.stuck_probability(),
                "slow_loop_seconds": None if slow is None else list(slow),
                "explanations": rows,
            },
        )
        return
    screen().print(f"{found.says()}\nPrior: {found.prior}.")
    for row in rows[:SHOWN]:
        loop = STUCK if row["loop_seconds"] is None else f"{row['loop_seconds']:g} s"
        screen().print(
            f"{row['probability']:6.1%}  loop {loop}, start {row['start_seconds']:g} s: "
            f"{row['restarts_mean']:.1f} restarts"
        )

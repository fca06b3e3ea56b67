"""Options that the scale commands share: the loop's inputs, the probe's settings, ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.analysis.scale.defaults import default
from workbench.cli.answers import CallerError

if TYPE_CHECKING:
    from workbench.analysis.scale.distributions import Distribution
    from workbench.analysis.scale.probe import Probe

CALLS = default("calls_per_ti")
PYTHON = default("python_seconds_per_ti")
TRIP = default("round_trip_seconds")
WAITING = default("reschedule_tis")
TIS = default("n_tis")
RUNS = default("n_dagruns")
QUERY = default("per_query_seconds")
PERIOD = default("probe_period_seconds")
LIMIT = default("limit_seconds")
GRACE = default("probe_grace_seconds")
START = default("start_seconds")
JITTER = default("jitter")
FAILURES = int(default("probe_failures"))
ANYWHERE = "any"
STUCK = "stuck"
TisOption = Annotated[float, typer.Option("--n-tis", help="Task instances in a DAG run.")]
RunsOption = Annotated[
    float, typer.Option("--n-dagruns", help="DAG runs looked at in one scheduler loop.")
]
QueryOption = Annotated[float, typer.Option("--per-query-seconds", help="Seconds a query takes.")]
BudgetOption = Annotated[float, typer.Option("--budget-seconds", help="Seconds a loop may take.")]
CallsOption = Annotated[
    float, typer.Option("--calls-per-ti", help="Queries of a task instance that asks.")
]
PythonOption = Annotated[
    float,
    typer.Option("--python-seconds-per-ti", help="Seconds of Python for each; 0 is not modelled."),
]
TripOption = Annotated[
    float,
    typer.Option(
        "--round-trip-seconds", help="Seconds to the database and back; 0 is not modelled."
    ),
]
GuardOption = Annotated[
    bool,
    typer.Option("--guard/--no-guard", help="An early exit spares those that need not ask."),
]
LeakOption = Annotated[
    bool,
    typer.Option("--leak/--no-leak", help="The first that waits makes all later ones ask."),
]
WaitingOption = Annotated[
    float, typer.Option("--reschedule-tis", help="Task instances of a run that wait.")
]
PositionOption = Annotated[
    str,
    typer.Option("--position", help="Task instances in front of the first that waits, or any."),
]
SeedOption = Annotated[int, typer.Option("--seed", help="Of what is drawn at random.")]
HoursOption = Annotated[float, typer.Option("--hours", help="How long is looked.")]
PeriodOption = Annotated[
    float, typer.Option("--period-seconds", help="Between two checks of the probe.")
]
FailuresOption = Annotated[
    int, typer.Option("--failures", help="Checks that fail in a row before the kill.")
]
ThresholdOption = Annotated[
    float, typer.Option("--threshold-seconds", help="A check fails when the heartbeat is older.")
]
GraceOption = Annotated[
    float, typer.Option("--grace-seconds", help="From a start to the first check.")
]
StartOption = Annotated[
    float, typer.Option("--start-seconds", help="From the back-off's end to the first heartbeat.")
]
JitterOption = Annotated[
    float, typer.Option("--jitter", help="Relative standard deviation of a loop's duration.")
]


def place(text: str) -> float | None:
    """The value of ``--position``: a number, or None for anywhere."""
    if text == ANYWHERE:
        return None
    return number(text, option="--position")


def number(text: str, *, option: str) -> float:
    """A number of an option's text.

    Raises
    ------
    CallerError
        It is none.
    """
    try:
        return float(text)
    except ValueError as fault:
        raise CallerError(f"{option} is {text!r}, which is no number.") from fault


def named(texts: Sequence[str], *, option: str) -> dict[str, str]:
    """``NAME=VALUE`` texts by their names.

    Raises
    ------
    CallerError
        One has no name, or two have the same.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name in found:
            what = f"{option} is {text!r}" + (", a second time." if equals else ".")
            raise CallerError(what, right=f"Write {option} NAME=VALUE, each name once.")
        found[name] = value
    return found


def axis(text: str, *, option: str = "--axis") -> list[float]:
    """Values of an axis: ``1,2,3``, ``LOW:HIGH:STEPS`` or ``LOW:HIGH:STEPS:log``.

    Raises
    ------
    CallerError
        It is none of these.
    """
    from workbench.analysis.scale.cost_curves import spaced

    parts = text.split(":")
    if len(parts) == 1:
        return [number(part, option=option) for part in text.split(",")]
    right = f"Write {option} NAME=1,2,3 or NAME=LOW:HIGH:STEPS or NAME=LOW:HIGH:STEPS:log."
    log = parts[3:] == ["log"]
    if len(parts) not in (3, 4) or (parts[3:] and not log):
        raise CallerError(f"{option} is {text!r}.", right=right)
    low, high, steps = (number(part, option=option) for part in parts[:3])
    if steps < 2 or steps != int(steps) or not low < high or (log and low <= 0):
        raise CallerError(f"{option} is {text!r}.", right=f"{right} At least two steps, rising.")
    count = int(steps)
    if log:
        return spaced(low, high, steps=count)
    return [low + (high - low) * n / (count - 1) for n in range(count)]


def varied(texts: Sequence[str]) -> Mapping[str, Distribution]:
    """Distributions of ``--vary`` options; those of the incident where there is none."""
    from workbench.analysis.scale.distributions import read_distribution

    usual = (
        "n_tis=uniform:500:4000",
        "n_dagruns=uniform:1:20",
        "per_query_seconds=loguniform:0.001:0.34",
        "position=uniform:0:500",
    )
    chosen = named(texts or usual, option="--vary")
    return {name: read_distribution(text) for name, text in chosen.items()}


def probe(*, period: float, failures: int, threshold: float, grace: float, start: float) -> Probe:
    """The probe of the options."""
    from workbench.analysis.scale.probe import Probe

    return Probe(
        period_seconds=period,
        failures=failures,
        threshold_seconds=threshold,
        grace_seconds=grace,
        start_seconds=start,
    )

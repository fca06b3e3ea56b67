"""The loop model's arithmetic, for single numbers and for arrays of them alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

INPUTS = (
    "n_tis",
    "n_dagruns",
    "per_query_seconds",
    "calls_per_ti",
    "python_seconds_per_ti",
    "round_trip_seconds",
    "reschedule_tis",
    "position",
)
"""Inputs that are numbers; ``guard`` and ``leak`` are switches."""
Values = Mapping[str, Any]


def asking(values: Values, *, guard: bool, leak: bool) -> Any:
    """Task instances of a DAG run that ask the query.

    Those that wait to be rescheduled always ask. A context that is shared by all and changed by
    the first of them makes every later one ask, too, unless a guard sends it away first. Where
    their place is not known (``position`` None), the first of k stands on average behind
    (n - k) / (k + 1) others, so that a share of k / (k + 1) asks.
    """
    n, k = values["n_tis"], values["reschedule_tis"]
    waiting = k - (k - n) * (k > n)
    if guard or not leak:
        return waiting
    if values["position"] is None:
        return waiting + (n - waiting) * waiting / (waiting + 1)
    return (n - values["position"]) * (waiting > 0)


def parts(values: Values, *, guard: bool, leak: bool) -> dict[str, Any]:
    """Seconds of a loop by where they go: Python, the server, the way to it and back."""
    asked = asking(values, guard=guard, leak=leak) * values["calls_per_ti"]
    queries = values["n_dagruns"] * asked
    return {
        "python": values["n_dagruns"] * values["n_tis"] * values["python_seconds_per_ti"],
        "server": queries * values["per_query_seconds"],
        "round trips": queries * values["round_trip_seconds"],
    }


def seconds(values: Values, *, guard: bool, leak: bool) -> Any:
    """Seconds of a loop."""
    return sum(parts(values, guard=guard, leak=leak).values())

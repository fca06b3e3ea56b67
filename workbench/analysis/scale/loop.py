"""The loop model: what a query costs when a scheduler loop asks it for every task instance."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from numbers import Real
from typing import Any

from workbench.analysis.scale import arithmetic
from workbench.analysis.scale.defaults import DEFAULTS, default
from workbench.analysis.scale.loop_card import card_html, card_text
from workbench.errors import WorkbenchError

MS = 1000.0
SWITCHES = ("guard", "leak")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopModel:
    """Seconds of a loop = runs x (task instances x Python + calls x (query + round trip)).

    Parameters
    ----------
    n_tis : int
        Task instances that the loop looks at in one DAG run.
    n_dagruns : int
        DAG runs that one loop looks at; Airflow's ``max_dagruns_per_loop_to_schedule`` is 20.
    per_query_seconds : float
        Seconds the database needs for one query. Take a mean: a loop sums what its queries take.
    calls_per_ti : float
        Queries asked by one task instance that asks.
    python_seconds_per_ti : float
        Seconds of Python for one task instance; 0.0 means not modelled.
    round_trip_seconds : float
        Seconds between asking and answer that are not the database's; 0.0 means not modelled.
    guard : bool
        An early exit spares task instances that do not wait to be rescheduled.
    leak : bool
        The first task instance that waits to be rescheduled makes all later ones ask as well.
    reschedule_tis : int
        Task instances of a DAG run that wait to be rescheduled.
    position : int or None
        Task instances in front of the first of those; None where it may be anywhere.

    Raises
    ------
    WorkbenchError
        A number is impossible; all of them are named, with what would be right.

    Notes
    -----
    The product of scale factors is that of the February 2026 incident as its maintainers tell it:
    2,000 x 20 x 0.34 s = 13,600 s against a liveness threshold of 120 s. Without guard and with
    leak, as there, every task instance asks. ``DEFAULTS`` of
    :mod:`workbench.analysis.scale.defaults` says where each default comes from.

    Examples
    --------
    >>> loop = LoopModel(n_tis=2_000, n_dagruns=20, per_query_seconds=0.34)
    >>> round(loop.seconds())
    13600
    >>> loop.budget(120) * 1000
    3.0
    >>> loop.changed(guard=True).queries()
    20.0
    """

    n_tis: float
    n_dagruns: float
    per_query_seconds: float
    calls_per_ti: float = default("calls_per_ti")
    python_seconds_per_ti: float = default("python_seconds_per_ti")
    round_trip_seconds: float = default("round_trip_seconds")
    guard: bool = False
    leak: bool = True
    reschedule_tis: float = default("reschedule_tis")
    position: float | None = default("position")

    def __post_init__(self) -> None:
        wrong = [
            f"{name} is {value!r}"
            for name, value in self.values().items()
            if not (_sound(value) or (name == "position" and value is None))
        ]
        right = "Every input is a finite number, zero or more."
        if not wrong:
            wrong, right = self._at_odds()
        if wrong:
            what = f"A loop cannot be modelled: {', '.join(wrong)}."
            raise WorkbenchError(what, right=right)

    def _at_odds(self) -> tuple[list[str], str]:
        """Numbers that are sound alone and not together."""
        if self.n_dagruns == 0:
            return ["n_dagruns is 0"], "A loop looks at one DAG run at least."
        beyond = [
            f"{name} is {value!r} of {self.n_tis!r} task instances"
            for name, value in (("position", self.position),)
            if value is not None and value > self.n_tis
        ]
        return beyond, "The first that waits stands inside its DAG run."

    def values(self) -> dict[str, float | None]:
        """Every input that is a number, by its name; ``position`` may be None."""
        return {name: getattr(self, name) for name in arithmetic.INPUTS}

    def inputs(self) -> dict[str, float]:
        """Every input that is a number and known, by its name."""
        return {name: value for name, value in self.values().items() if value is not None}

    def switches(self) -> dict[str, bool]:
        """Whether there is a guard, whether the context leaks."""
        return {name: getattr(self, name) for name in SWITCHES}

    def changed(self, **inputs: Any) -> LoopModel:
        """The same loop with other values of some inputs."""
        return replace(self, **inputs)

    def queries(self) -> float:
        """Queries that one loop asks."""
        asked = arithmetic.asking(self.values(), **self.switches())
        return float(self.n_dagruns * asked * self.calls_per_ti)

    def seconds(self) -> float:
        """Seconds that one loop takes."""
        return float(arithmetic.seconds(self.values(), **self.switches()))

    def parts(self) -> dict[str, float]:
        """Seconds of one loop by where they go: python, server, round trips."""
        return arithmetic.parts(self.values(), **self.switches())

    def budget(self, limit_seconds: float) -> float:
        """Seconds that one query may take, so that the loop keeps within a limit.

        Raises
        ------
        WorkbenchError
            The loop asks no query, or the limit is spent before the first one.
        """
        _positive(limit_seconds)
        left = limit_seconds - (self.seconds() - self.parts()["server"])
        if self.queries() == 0 or left < 0:
            what = f"No query fits into {limit_seconds} s: " + (
                "the loop asks none." if left >= 0 else f"{-left:.3g} s are spent without one."
            )
            raise WorkbenchError(what)
        return left / self.queries()

    def break_even(self, limit_seconds: float) -> dict[str, float | None]:
        """Value of each input at which the loop takes just the limit, the others as they are.

        Returns
        -------
        dict
            Input name -> value; None where no value of zero or more reaches the limit.
        """
        _positive(limit_seconds)
        return {name: self._crossing(name, limit_seconds) for name in self.inputs()}

    def _crossing(self, name: str, limit: float) -> float | None:
        known = self.values()
        if name == "reschedule_tis" and self.leak and not self.guard:
            return self._bisected(limit) if self.position is None else None
        first = (self.position or 0.0) if name == "n_tis" else 0.0
        # in each input alone the model is a straight line, which bends once: where task instances
        # begin that do not wait
        bend = max(first, self.reschedule_tis) if name == "n_tis" else first
        most = self.n_tis if name in ("position", "reschedule_tis") else math.inf
        for low, high, most_here in ((first, bend, bend), (bend, bend + 1, most)):
            at_low, at_high = (
                arithmetic.seconds({**known, name: value}, **self.switches())
                for value in (low, high)
            )
            if at_low != at_high:
                crossing = float(low + (limit - at_low) * (high - low) / (at_high - at_low))
                if low <= crossing <= most_here:
                    return crossing
        return None

    def _bisected(self, limit: float) -> float | None:
        """How many that wait, at places unknown, reach the limit; they bend the line."""
        low, high = 0.0, float(self.n_tis)
        least, most = (self.changed(reschedule_tis=k).seconds() for k in (low, high))
        if not least <= limit <= most:
            return None
        for _ in range(100):
            middle = (low + high) / 2
            over = self.changed(reschedule_tis=middle).seconds() > limit
            low, high = (low, middle) if over else (middle, high)
        return high

    def sources(self) -> dict[str, str]:
        """Where each input comes from: given, or the source of the default it stands at."""
        starts = {field.name: field.default for field in fields(self)}
        return {
            name: DEFAULTS[name].source if starts[name] == value else "given"
            for name, value in self.values().items()
        }

    def card(self, limit_seconds: float) -> str:
        """Lines for a report: the product, the limit, the budget, and what is left out."""
        return card_text(self, limit_seconds)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        limit = default("limit_seconds")
        return {"text/plain": card_text(self, limit), "text/html": card_html(self, limit)}


def speedup(before_seconds: float, after_seconds: float) -> float:
    """How many times faster: 342 ms to 0.019 ms is 18,000.

    Raises
    ------
    WorkbenchError
        One of the times is zero, negative or not finite.
    """
    _positive(before_seconds)
    _positive(after_seconds)
    return before_seconds / after_seconds


def _sound(value: object) -> bool:
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and value >= 0  # type: ignore[arg-type, operator]


def _positive(seconds: float) -> None:
    if not _sound(seconds) or seconds == 0:
        what = f"{seconds!r} is no time."
        raise WorkbenchError(what, right="A time is a finite number of seconds above zero.")

"""The loop model: what a query costs when a scheduler loop asks it for every task instance."""

from __future__ import annotations

import math
from dataclasses import dataclass

from workbench.errors import WorkbenchError

MS = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopModel:
    """Seconds of a scheduler loop = runs x task instances x (Python + calls x (query + trip)).

    Parameters
    ----------
    n_tis : int
        Task instances that the loop looks at in one DAG run.
    n_dagruns : int
        DAG runs that one loop looks at; Airflow's ``max_dagruns_per_loop_to_schedule`` is 20.
    per_query_seconds : float
        Seconds the database needs for one query.
    calls_per_ti : float
        Queries asked for one task instance.
    python_seconds_per_ti : float
        Seconds of Python for one task instance; 0.0 means not modelled.
    round_trip_seconds : float
        Seconds between asking and answer that are not the database's; 0.0 means not modelled.

    Raises
    ------
    WorkbenchError
        A number is negative or not finite; all of them are named.

    Notes
    -----
    The product of scale factors is that of the February 2026 incident as its maintainers tell it:
    2,000 x 20 x 0.34 s = 13,600 s against a liveness threshold of 120 s.

    Examples
    --------
    >>> loop = LoopModel(n_tis=2_000, n_dagruns=20, per_query_seconds=0.34)
    >>> round(loop.seconds())
    13600
    >>> loop.budget(120) * 1000
    3.0
    """

    n_tis: int
    n_dagruns: int
    per_query_seconds: float
    calls_per_ti: float = 1.0
    python_seconds_per_ti: float = 0.0
    round_trip_seconds: float = 0.0

    def __post_init__(self) -> None:
        wrong = [
            f"{name} is {value!r}"
            for name, value in self.inputs().items()
            if not math.isfinite(value) or value < 0
        ]
        if wrong:
            what = f"A loop cannot be modelled: {', '.join(wrong)}."
            raise WorkbenchError(what, right="Every input is a finite number, zero or more.")

    def inputs(self) -> dict[str, float]:
        """Every input by its name."""
        return {name: getattr(self, name) for name in self.__slots__}

    def queries(self) -> float:
        """Queries that one loop asks."""
        return self.n_dagruns * self.n_tis * self.calls_per_ti

    def seconds(self) -> float:
        """Seconds that one loop takes."""
        waiting = self.queries() * (self.per_query_seconds + self.round_trip_seconds)
        return waiting + self.n_dagruns * self.n_tis * self.python_seconds_per_ti

    def budget(self, limit_seconds: float) -> float:
        """Seconds that one query may take, so that the loop keeps within a limit.

        Raises
        ------
        WorkbenchError
            The loop asks no query, or the limit is spent before the first one.
        """
        _positive(limit_seconds)
        left = limit_seconds - (self.seconds() - self.queries() * self.per_query_seconds)
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
        # the model is a straight line in each single input
        at_zero, at_one = (self._with(name, value).seconds() for value in (0, 1))
        slope = at_one - at_zero
        if slope <= 0 or at_zero > limit:
            return None
        return (limit - at_zero) / slope

    def _with(self, name: str, value: float) -> LoopModel:
        return LoopModel(**{**self.inputs(), name: value})  # type: ignore[arg-type]

    def card(self, limit_seconds: float) -> str:
        """Five lines for a report: the product, the limit, the budget, and what is left out."""
        takes, fits = self.seconds(), self.seconds() <= limit_seconds
        crossing = self.break_even(limit_seconds)
        absent = [
            words
            for name, words in (
                ("python_seconds_per_ti", "Python time"),
                ("round_trip_seconds", "round trips"),
            )
            if self.inputs()[name] == 0.0
        ]
        lines = [
            f"{self.n_dagruns:,} DAG runs x {self.n_tis:,} task instances x "
            f"{self.calls_per_ti:g} queries = {self.queries():,.0f} queries a loop",
            f"x {self.per_query_seconds * MS:g} ms = {takes:,.2f} s, "
            + ("within" if fits else f"{takes / limit_seconds:,.0f} times")
            + f" the limit of {limit_seconds:g} s",
        ]
        if crossing["per_query_seconds"] is not None:
            lines.append(f"A query may take {crossing['per_query_seconds'] * MS:.3g} ms.")
        if crossing["n_tis"] is not None:
            lines.append(
                f"At this speed {math.floor(crossing['n_tis']):,} task instances a run fit."
            )
        lines.append(f"Not modelled: {', '.join(absent)}." if absent else "All terms are modelled.")
        return "\n".join(lines)


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


def _positive(seconds: float) -> None:
    if not math.isfinite(seconds) or seconds <= 0:
        what = f"{seconds!r} is no time."
        raise WorkbenchError(what, right="A time is a finite number of seconds above zero.")

"""The loop model to be played with, without a screen: inputs that move, and what follows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import polars as pl

from workbench.analysis.scale.cost_curves import CostCurves, spaced
from workbench.analysis.scale.defaults import default
from workbench.analysis.scale.loop import MS, LoopModel
from workbench.analysis.scale.plan_runs import Measure
from workbench.errors import UnknownNameError, WorkbenchError

INPUTS = ("n_tis", "n_dagruns", "per_query_seconds", "rows", "variant")
RANGES = {
    "n_tis": (1.0, 10_000.0),
    "n_dagruns": (1.0, 100.0),
    "per_query_seconds": (1e-6, 10.0),
    "rows": (1e3, 1e8),
}
"""Where each input may be moved."""


class ScaleState:
    """Inputs of a loop that a person moves, and everything that follows from them.

    With curves the time of a query follows from ``rows`` and ``variant`` until
    ``per_query_seconds`` is set; setting one of the former lets it follow again.

    Parameters
    ----------
    model : LoopModel, optional
        Where to begin; the February 2026 incident otherwise.
    curves : CostCurves, optional
        What a query costs at a number of rows.
    limit_seconds : float
        Seconds that a loop may take.
    rows : float
        Rows to begin with.
    profile, measure
        Which of the curves.

    Examples
    --------
    >>> state = ScaleState()
    >>> state.move(n_tis=200)
    >>> round(state.seconds)
    1360
    """

    def __init__(
        self,
        model: LoopModel | None = None,
        *,
        curves: CostCurves | None = None,
        limit_seconds: float = default("limit_seconds"),
        rows: float = default("history_rows"),
        profile: str = "miss",
        measure: Measure = "client_ms",
    ) -> None:
        self.base = model or LoopModel(
            n_tis=default("n_tis"),
            n_dagruns=default("n_dagruns"),
            per_query_seconds=default("per_query_seconds"),
        )
        self.curves, self.limit_seconds = curves, limit_seconds
        self.profile, self.measure = profile, measure
        self.variants = () if curves is None else _variants(curves, profile, measure)
        self.values: dict[str, Any] = {
            "n_tis": self.base.n_tis,
            "n_dagruns": self.base.n_dagruns,
            "per_query_seconds": self.base.per_query_seconds,
            "rows": rows,
            "variant": self.variants[0] if self.variants else None,
        }
        self.follows_rows = curves is not None
        self._told: list[Callable[[], None]] = []
        self._follow()

    def on_change(self, tell: Callable[[], None]) -> None:
        """Call something after each move."""
        self._told.append(tell)

    def move(self, **inputs: Any) -> None:
        """Set some inputs; all of them or, if one is impossible, none.

        Raises
        ------
        WorkbenchError
            An input is unknown or impossible.
        """
        unknown = [name for name in inputs if name not in INPUTS]
        if unknown:
            what = f"There is no input {unknown[0]!r} to move."
            raise UnknownNameError(what, right=f"Inputs are: {', '.join(INPUTS)}.")
        before, followed = dict(self.values), self.follows_rows
        self.values.update(inputs)
        if "per_query_seconds" in inputs:
            self.follows_rows = False
        elif {"rows", "variant"} & set(inputs):
            self.follows_rows = self.curves is not None
        try:
            self._sound()
            self._follow()
            _ = self.model
        except WorkbenchError:
            self.values, self.follows_rows = before, followed
            raise
        for tell in self._told:
            tell()

    def _sound(self) -> None:
        rows = self.values["rows"]
        if not (math.isfinite(rows) and rows > 0):
            what = f"{rows!r} is no number of rows."
            raise WorkbenchError(what, right="A table has a finite number of rows above zero.")

    def _follow(self) -> None:
        if self.follows_rows:
            self.values["per_query_seconds"] = self._predicted()[0]

    def _predicted(self) -> tuple[float, float, float]:
        """Seconds of a query with its band; the band is empty where no curve gives one."""
        if not self.follows_rows or self.curves is None:
            seconds = self.values["per_query_seconds"]
            return seconds, seconds, seconds
        found = self.curves.predict(
            self.values["rows"],
            variant=self.values["variant"],
            profile=self.profile,
            measure=self.measure,
        )
        return found.value_ms / MS, found.low_ms / MS, found.high_ms / MS

    @property
    def model(self) -> LoopModel:
        """The loop as the inputs stand: what a notebook goes on with."""
        changed = {name: self.values[name] for name in ("n_tis", "n_dagruns", "per_query_seconds")}
        position = self.base.position
        if position is not None:
            changed["position"] = min(position, changed["n_tis"])
        return self.base.changed(**changed)

    @property
    def seconds(self) -> float:
        """Seconds of a loop."""
        return self.model.seconds()

    @property
    def band(self) -> tuple[float, float]:
        """Seconds of a loop at both edges of the curve's 90 % band."""
        _, low, high = self._predicted()
        low_model, high_model = (self.model.changed(per_query_seconds=s) for s in (low, high))
        return low_model.seconds(), high_model.seconds()

    @property
    def budget_ms(self) -> float | None:
        """Milliseconds that a query may take; None where no time is left for one."""
        try:
            return self.model.budget(self.limit_seconds) * MS
        except WorkbenchError:
            return None

    @property
    def beyond_data(self) -> float:
        """How many times beyond the measured sizes the rows are; 1 within them."""
        if not self.follows_rows or self.curves is None:
            return 1.0
        found = self.curves.predict(
            self.values["rows"],
            variant=self.values["variant"],
            profile=self.profile,
            measure=self.measure,
        )
        return found.beyond_data

    def says(self) -> str:
        """What the inputs come to, in a sentence or two."""
        seconds, (low, high) = self.seconds, self.band
        fits = "within" if seconds <= self.limit_seconds else "over"
        band = f" ({low:,.3g} to {high:,.3g})" if low < high else ""
        said = f"{seconds:,.4g} s a loop{band}, {fits} the limit of {self.limit_seconds:g} s. "
        said += (
            "No time is left for a query."
            if self.budget_ms is None
            else f"A query takes {self.values['per_query_seconds'] * MS:,.3g} ms "
            f"and may take {self.budget_ms:,.3g} ms."
        )
        if self.beyond_data > 1:
            said += f" That is {self.beyond_data:,.2g} times beyond what was measured."
        return said

    def over_tis(self) -> pl.DataFrame:
        """Loop seconds over task instances a run, with the band: what the view draws."""
        _, low, high = self._predicted()
        edges = {"value_seconds": self.values["per_query_seconds"]}
        edges |= {"low_seconds": low, "high_seconds": high}
        sizes = [max(1.0, round(n)) for n in spaced(10, RANGES["n_tis"][1], steps=40)]
        base = self.model.changed(position=0.0) if self.base.position else self.model
        return pl.DataFrame(
            [
                {
                    "n_tis": size,
                    **{
                        name: base.changed(n_tis=size, per_query_seconds=query).seconds()
                        for name, query in edges.items()
                    },
                }
                for size in sizes
            ]
        )


def _variants(curves: CostCurves, profile: str, measure: str) -> tuple[str, ...]:
    fitting = [s.variant for s in curves.segments if (s.profile, s.measure) == (profile, measure)]
    if not fitting:
        what = f"No curve was fitted for {profile}/{measure}."
        known = dict.fromkeys(f"{s.profile}/{s.measure}" for s in curves.segments)
        raise UnknownNameError(what, right=f"There are: {', '.join(known)}.")
    worst_first = sorted(dict.fromkeys(fitting), key=lambda name: (name != "none", name))
    return tuple(worst_first)

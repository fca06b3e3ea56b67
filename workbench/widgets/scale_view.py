"""The loop model on a screen: sliders over the state, the loop's curve with band and limit."""

from __future__ import annotations

import html
from typing import Any

import ipywidgets as widgets

from workbench.errors import WorkbenchError
from workbench.exports.charts.curves import loop_curve
from workbench.exports.charts.renderer import svg
from workbench.widgets.scale_state import RANGES, ScaleState

WORDS = {
    "n_tis": "Task instances",
    "n_dagruns": "DAG runs",
    "per_query_seconds": "Query, s",
    "rows": "Rows",
}
WIDE = {"width": "560px"}
NAMED = {"description_width": "110px"}


class ScaleExplorer(widgets.VBox):  # type: ignore[misc]  # no types there
    """Sliders for a loop's size and a query's time; what they come to is ``state.model``.

    Parameters
    ----------
    state : ScaleState, optional
        What is moved; the February 2026 incident otherwise.
    """

    def __init__(self, state: ScaleState | None = None) -> None:
        self.state = state or ScaleState()
        self._quiet = False
        self.sliders = {name: self._slider(name) for name in WORDS}
        self.variant = widgets.Dropdown(
            options=list(self.state.variants) or ["given"], description="Index", style=NAMED
        )
        self.variant.observe(self._picked, names="value")
        self.status, self.chart = widgets.HTML(), widgets.HTML()
        shown = [self.sliders["n_tis"], self.sliders["n_dagruns"]]
        if self.state.curves is not None:
            shown += [self.sliders["rows"], self.variant]
        super().__init__([*shown, self.sliders["per_query_seconds"], self.status, self.chart])
        self.add_class("wb-scale")
        self.state.on_change(self.show)
        self.show()

    def show(self) -> None:
        """Bring sliders, words and curve to what the state says."""
        self._quiet = True
        try:
            for name, slider in self.sliders.items():
                low, high = RANGES[name]
                slider.value = min(max(float(self.state.values[name]), low), high)
            if self.state.values["variant"] is not None:
                self.variant.value = self.state.values["variant"]
        finally:
            self._quiet = False
        over = self.state.seconds > self.state.limit_seconds
        edge = "#c2410c" if over else "#0b7a6b"
        self.status.value = (
            f'<div role="status" aria-live="polite" style="border-left: 6px solid {edge}; '
            f'padding: 4px 12px">{html.escape(self.state.says())}</div>'
        )
        drawn = loop_curve(
            self.state.over_tis(),
            limit_seconds=self.state.limit_seconds,
            at=(float(self.state.values["n_tis"]), self.state.seconds),
        )
        self.chart.value = svg(drawn)

    def _slider(self, name: str) -> Any:
        low, high = RANGES[name]
        logarithmic = name in ("per_query_seconds", "rows", "n_tis")
        made: Any
        if logarithmic:
            from math import log10

            made = widgets.FloatLogSlider(
                min=log10(low), max=log10(high), step=0.02, readout_format=".3s"
            )
        else:
            made = widgets.FloatSlider(min=low, max=high, step=1.0, readout_format=".0f")
        made.description, made.continuous_update = WORDS[name], False
        made.layout, made.style = WIDE, NAMED
        made.observe(lambda change: self._moved(name, change["new"]), names="value")
        return made

    def _moved(self, name: str, value: float) -> None:
        if not self._quiet:
            self._move({name: float(round(value)) if name in ("n_tis", "rows") else value})

    def _picked(self, change: dict[str, Any]) -> None:
        if not self._quiet and change["new"] in self.state.variants:
            self._move({"variant": change["new"]})

    def _move(self, inputs: dict[str, Any]) -> None:
        try:
            self.state.move(**inputs)
        except WorkbenchError as fault:
            said = html.escape(str(fault))
            self.status.value = f'<div role="alert">{said}</div>'

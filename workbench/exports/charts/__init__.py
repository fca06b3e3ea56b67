"""Charts as Vega-Lite specifications, and a renderer that draws them without a network."""

from __future__ import annotations

from workbench.exports.charts.curves import cost_curves, loop_curve
from workbench.exports.charts.incident import loops, restarts
from workbench.exports.charts.lanes import approach, timeline
from workbench.exports.charts.renderer import enable, svg
from workbench.exports.charts.scale import phase_map, posterior, tornado

__all__ = [
    "approach",
    "cost_curves",
    "enable",
    "loop_curve",
    "loops",
    "phase_map",
    "posterior",
    "restarts",
    "svg",
    "timeline",
    "tornado",
]

"""Charts as Vega-Lite specifications, and a renderer that draws them without a network."""

from __future__ import annotations

from workbench.exports.charts.incident import loops, restarts
from workbench.exports.charts.lanes import approach, timeline
from workbench.exports.charts.renderer import enable, svg

__all__ = ["approach", "enable", "loops", "restarts", "svg", "timeline"]

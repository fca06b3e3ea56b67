"""How a chart is drawn: live in JupyterLab, as a static SVG everywhere else, never from a CDN."""

from __future__ import annotations

import html
import json
from typing import Any

from workbench.exports.charts.style import Drawing

LIVE_MIME = "application/vnd.vegalite.v5+json"
LIVE_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.20.1.json"
"""JupyterLab 4.6 draws Vega-Lite 3 to 5 by itself; a version 6 specification of ours draws there
as well once it is labelled 5, and needs no download."""


def enable() -> None:
    """Draw every altair chart of this process that way."""
    import altair as alt

    alt.renderers.register("workbench", lambda spec, **_: bundle(spec))
    alt.renderers.enable("workbench")


def bundle(spec: dict[str, Any]) -> dict[str, Any]:
    """A notebook output of a specification: live, static and in words."""
    live = {**spec, "$schema": LIVE_SCHEMA, "background": "white"}
    words = str(spec.get("description") or "a chart")
    return {
        LIVE_MIME: live,
        "image/svg+xml": _svg(spec),
        "text/markdown": f"*Chart: {words}*",
        "text/plain": words,
    }


def svg(chart: Drawing) -> str:
    """The chart as one SVG element with its description as alternative text."""
    return _svg(chart.to_dict())


def _svg(spec: dict[str, Any]) -> str:
    import altair as alt
    import vl_convert

    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    clear = json.dumps({**spec, "background": None})
    drawn: str = vl_convert.vegalite_to_svg(clear, vl_version=version)
    words = html.escape(str(spec.get("description") or "a chart"), quote=True)
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{words}" ', 1)

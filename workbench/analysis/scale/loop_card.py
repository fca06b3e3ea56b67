"""How a loop model shows itself: lines for a terminal, a small table for a notebook."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.analysis.scale.loop import LoopModel

MS = 1000.0


def card_text(model: LoopModel, limit_seconds: float) -> str:
    """The product, the limit, the budget, and what is left out, a line each."""
    return "\n".join(_lines(model, limit_seconds))


def card_html(model: LoopModel, limit_seconds: float) -> str:
    """The same lines as text, above a table of the inputs with their sources."""
    known = model.sources()
    rows = "".join(
        f"<tr><th scope='row' style='text-align:left'>{name}</th>"
        f"<td>{'anywhere' if value is None else f'{value:,g}'}</td>"
        f"<td style='text-align:left'>{html.escape(known[name])}</td></tr>"
        for name, value in model.values().items()
    )
    lines = "<br>".join(html.escape(line) for line in _lines(model, limit_seconds))
    inputs = (
        "<details><summary>Inputs and where they come from</summary>"
        f"<table><tbody>{rows}</tbody></table></details>"
    )
    return f"<div class='wb-loop'><p>{lines}</p>{inputs}</div>"


def _lines(model: LoopModel, limit: float) -> list[str]:
    takes, queries = model.seconds(), model.queries()
    crossing = model.break_even(limit)
    asked = queries / model.n_dagruns
    every = math.isclose(asked, model.n_tis * model.calls_per_ti)
    word = "query" if model.calls_per_ti == 1 else "queries"
    of_run = (
        f"{model.n_tis:,.10g} task instances x {model.calls_per_ti:g} {word}"
        if every
        else f"{asked:,.6g} queries for {model.n_tis:,.10g} task instances"
    )
    each = (model.per_query_seconds + model.round_trip_seconds) * MS
    python = model.parts()["python"]
    lines = [
        f"{model.n_dagruns:,.10g} DAG runs x {of_run} = {queries:,.0f} queries a loop",
        f"x {each:.4g} ms"
        + (f" + {python:,.4g} s of Python" if python else "")
        + f" = {takes:,.2f} s, "
        + ("within" if takes <= limit else f"{_times(takes / limit)} times")
        + f" the limit of {limit:g} s",
    ]
    if crossing["per_query_seconds"] is not None:
        lines.append(f"A query may take {crossing['per_query_seconds'] * MS:.3g} ms.")
    if crossing["n_tis"] is not None:
        lines.append(f"At this speed {math.floor(crossing['n_tis']):,} task instances a run fit.")
    absent = [
        words
        for name, words in (
            ("python_seconds_per_ti", "Python time"),
            ("round_trip_seconds", "round trips"),
        )
        if getattr(model, name) == 0.0
    ]
    lines.append(f"Not modelled: {', '.join(absent)}." if absent else "All terms are modelled.")
    return lines


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}"

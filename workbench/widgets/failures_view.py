"""The review of failures on a screen: buttons over the state, every text of a log escaped."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets
import polars as pl

from workbench.errors import WorkbenchError
from workbench.widgets.failures_state import Card, ReviewFailures

COLOURS = {
    "approved": "#0b7a6b",
    "edited": "#0b7a6b",
    "resolved": "#0b7a6b",
    "rejected": "#c2410c",
    "novel": "#1f5fa8",
}
"""The edge of a card whose verdict stands; the words beside it say the same."""
KEYS = {
    "a": "approve",
    "r": "reject",
    "e": "edit",
    "n": "novel",
    "z": "undo",
    "l": "skip",
    "b": "back",
}
"""What a letter in the field of keys does; e goes to the field of what was done, to be edited."""
CARD = (
    "border-left: 6px solid {colour}; padding: 4px 12px; max-width: 960px;"
    "font-family: var(--jp-ui-font-family, sans-serif)"
)
OPEN = "var(--jp-border-color2, #9aa5b1)"
TEXT = "max-height: 18em; overflow: auto; white-space: pre-wrap; font-size: 12px"


class FailureReview(widgets.VBox):  # type: ignore[misc]  # no types there
    """Shows a review and hands clicks to it; everything that is decided is ``state.decisions``.

    All of it can be reached with Tab and pressed with Enter or the space bar; in the field of keys
    one letter does it (:data:`KEYS`). What changes is read out (``role="status"``,
    ``role="alert"``, ``aria-live``).

    Parameters
    ----------
    state : ReviewFailures
        What is reviewed.
    charts : sequence of str
        Charts as SVG to stand below, for example of the clusters.
    """

    def __init__(self, state: ReviewFailures, *, charts: Sequence[str] = ()) -> None:
        self.state = state
        self.status, self.card, self.alert = (widgets.HTML() for _ in range(3))
        self.done = widgets.Textarea(
            description="Done", placeholder="What ended it", layout={"width": "640px"}
        )
        self.why = widgets.Text(description="Why", layout={"width": "640px"})
        self.other = widgets.Dropdown(description="Other", layout={"width": "640px"})
        said = {
            "approve": ("Approve", "The suggestion is right", "success", self._approve),
            "edit": ("Save what was done", "Save the text above", "info", self._edit),
            "reject": ("Reject", "The suggestion is wrong here", "warning", self._reject),
            "novel": ("Novel", "Nothing that is remembered is of this kind", "", self._novel),
            "skip": ("Later", "Leave it for later", "", self.state.skip),
            "back": ("Back", "Go to the failure before", "", self.state.back),
            "undo": ("Undo", "Take the last word back", "", self.state.undo),
            "held": ("It held", "What was done held", "", lambda: self.state.held(True)),
            "failed": ("It did not", "It did not hold", "", lambda: self.state.held(False)),
            "merge": ("Same kind", "Both are of one kind", "", self._merge),
            "split": ("Other kind", "They are not of one kind", "", self._split),
        }
        self.buttons = {name: self._button(*parts) for name, parts in said.items()}
        self.letters = widgets.Text(
            description="Keys",
            placeholder="a approve, r reject, e edit, n novel, z undo, l later, b back",
            tooltip="One letter does what the button of that name does",
            layout={"width": "640px"},
        )
        self.letters.observe(self._typed, "value")
        rows = (
            ("approve", "edit", "reject", "novel", "skip", "back", "undo"),
            ("held", "failed", "merge", "split"),
        )
        bars = [widgets.HBox([self.buttons[name] for name in row]) for row in rows]
        below = [widgets.HTML(value=chart) for chart in charts]
        above = [self.status, self.card, self.letters, self.done, self.why]
        super().__init__([*above, bars[0], self.other, bars[1], self.alert, *below])
        self.add_class("wb-failures")
        self.show()

    @property
    def decisions(self) -> pl.DataFrame:
        """What stands on the failures of this review."""
        return self.state.decisions

    def show(self) -> None:
        """Draw what the state holds now."""
        self.status.value = _status(self.state)
        shown = self.state.card()
        self.card.value = _card(shown)
        self.done.value = shown.suggestion if shown else ""
        self.why.value = ""
        self.other.options = near = _others(shown)
        self.other.value = near[0][1] if near else None
        for name, button in self.buttons.items():
            button.disabled = not _possible(name, shown, self.state)

    def _button(
        self, text: str, meaning: str, style: str, act: Callable[[], object]
    ) -> widgets.Button:
        button = widgets.Button(description=text, tooltip=meaning, button_style=style)
        button.on_click(lambda _: self._do(act))
        return button

    def _do(self, act: Callable[[], object]) -> None:
        """Do it, then draw; what went wrong is told, and nothing that was shown changes."""
        try:
            act()
        except WorkbenchError as error:
            self._tell(str(error))
            return
        self._tell("")
        self.show()

    def _typed(self, change: Mapping[str, Any]) -> None:
        """Do what a letter stands for; of several, nothing: one may be there from before."""
        said = str(change["new"]).strip().lower()
        if not said:
            return
        self.letters.value = ""
        name = KEYS.get(said, "")
        if not name:
            what = f"{said[:20]!r} is no key. One letter at a time: {self.letters.placeholder}."
            self._tell(what)
        elif self.buttons[name].disabled:
            self._tell(f"{self.buttons[name].description}: not possible here.")
        elif name == "edit":
            self._tell("")
            self.done.focus()
        else:
            self.buttons[name].click()

    def _tell(self, what: str) -> None:
        """Read something out; nothing takes back what was read out before."""
        self.alert.value = f'<div role="alert">{html.escape(what)}</div>' if what else ""

    def _approve(self) -> None:
        self.state.approve(self.why.value)

    def _edit(self) -> None:
        self.state.edit(self.done.value, self.why.value)

    def _reject(self) -> None:
        self.state.reject(self.why.value)

    def _novel(self) -> None:
        self.state.novel(self.why.value)

    def _merge(self) -> None:
        self.state.merge(self.other.value, self.why.value)

    def _split(self) -> None:
        self.state.split(self.other.value, self.why.value)


def _possible(name: str, shown: Card | None, state: ReviewFailures) -> bool:
    if name == "undo":
        return state.can_undo
    if name == "back":
        return state.at > 0
    if shown is None:
        return False
    if name in ("approve", "reject"):
        return bool(shown.suggestion)
    if name in ("held", "failed"):
        return shown.verdict in ("approved", "edited", "resolved")
    return bool(shown.neighbours) if name in ("merge", "split") else True


def _status(state: ReviewFailures) -> str:
    counts = state.counts()
    left = counts.pop("left")
    said = ", ".join(f"{count} {name}" for name, count in counts.items()) or "nothing decided"
    place = f"failure {min(state.at + 1, len(state.queue))} of {len(state.queue)}"
    return f'<div role="status">{place}; {html.escape(said)}; {left} left</div>'


def _others(shown: Card | None) -> list[tuple[str, str]]:
    rows = shown.neighbours if shown else ()
    return [
        (f"{row['similarity']:.2f}  {row['neighbour_id'][:12]}  {row['done'] or 'not resolved'}",
         row["neighbour_id"])
        for row in rows
    ]  # fmt: skip


def _card(shown: Card | None) -> str:
    if shown is None:
        return '<div role="group" aria-live="polite">All failures are behind.</div>'
    about = {name: value for name, value in shown.about.items() if value not in (None, "")}
    facts = " · ".join(f"{name} {_said(value)}" for name, value in about.items())
    colour = COLOURS.get(shown.verdict or "", OPEN)
    stands = f"<p><strong>{_said(shown.verdict)}</strong></p>" if shown.verdict else ""
    return (
        f'<div role="group" aria-live="polite" aria-label="A failure" '
        f'style="{CARD.format(colour=colour)}"><p>{facts}</p>{stands}'
        f"<p>{_said(shown.matched['decision'])}: {_said(shown.matched['why'])}</p>"
        f"{_table('What is remembered', NEAR, shown.neighbours)}"
        f"{_table('What was said of it', PAST, shown.past)}"
        f'<details><summary>Log</summary><pre style="{TEXT}">{_said(shown.text)}</pre></details>'
        "</div>"
    )


NEAR = ("similarity", "neighbour_id", "done", "held", "who", "alike", "reasons")
PAST = ("when", "who", "say", "done", "held", "why")


def _table(title: str, columns: Sequence[str], rows: Sequence[Any]) -> str:
    if not rows:
        return f"<p>{title}: nothing.</p>"
    head = "".join(f'<th scope="col">{name}</th>' for name in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{_said(row.get(name))}</td>" for name in columns) + "</tr>"
        for row in rows
    )
    return f"<table><caption>{title}</caption><tr>{head}</tr>{body}</table>"


def _said(value: object) -> str:
    """A value as text on the screen; a log's own markup is text as well."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, list):
        return html.escape("; ".join(str(part) for part in value))
    return html.escape(str(value))

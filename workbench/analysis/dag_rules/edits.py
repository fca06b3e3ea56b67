"""Pieces of a text replaced by others, found by the places of its tree."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Characters from ``start`` to ``end`` become ``text``."""

    start: int
    end: int
    text: str


@dataclass(slots=True)
class Source:
    """A text with its lines, so that places of a tree are found in it."""

    text: str
    starts: list[int] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines = self.text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)

    def at(self, line: int, column: int) -> int:
        """Offset of a tree's place: its columns count bytes."""
        text = self.lines[line - 1]
        if not text.isascii():
            column = len(text.encode()[:column].decode(errors="replace"))
        return self.starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Offsets of a node's beginning and end."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self.at(node.lineno, node.col_offset)
        return start, self.at(node.end_lineno, node.end_col_offset)

    def line_span(self, node: ast.stmt) -> tuple[int, int]:
        """Offsets of the whole lines that a statement takes."""
        assert node.end_lineno is not None
        return self.starts[node.lineno - 1], min(self.starts[node.end_lineno], len(self.text))


def _order(edit: Edit) -> tuple[int, bool, int]:
    """By place; what is put in goes before what is exchanged there."""
    return edit.start, edit.end > edit.start, -edit.end


def applied(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with the edits made; one inside another is left to the outer one.

    Two at the same empty place are made in the order given.
    """
    made: list[str] = []
    at = 0
    for edit in sorted(dict.fromkeys(edits), key=_order):
        if edit.start >= at:
            made += [text[at : edit.start], edit.text]
            at = edit.end
    return "".join([*made, text[at:]])

"""Items of one JSON document in order, each with the line where it begins."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

SPACE = re.compile(r"[ \t\r\n]*")
DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item and its line, or the reason why nothing from that line on could be read."""

    line: int
    value: object = None
    fault: str = ""


def items_of(text: str, *, key: str | None) -> Iterator[Item]:
    """Yield the items of the list under a key of the document, or of the document itself.

    A document that breaks off gives the items before the fault, then the fault.
    """
    walk = _Walk(text)
    try:
        if key is None:
            yield from walk.items()
            return
        walk.expect("{")
        while walk.peek() != "}":
            name = walk.value()
            walk.expect(":")
            if name == key and walk.peek() == "[":
                yield from walk.items()
            else:
                walk.value()
            if walk.peek() != ",":
                break
            walk.expect(",")
        walk.expect("}")
    except (ValueError, RecursionError) as fault:
        what = "the JSON is nested too deeply" if isinstance(fault, RecursionError) else str(fault)
        yield Item(line=walk.line(), fault=what)


class _Walk:
    """A place in the text that only moves on, and the line it stands in."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self._counted, self._line = 0, 1

    def line(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def peek(self) -> str:
        found = SPACE.match(self.text, self.at)
        assert found is not None
        self.at = found.end()
        return self.text[self.at : self.at + 1]

    def expect(self, sign: str) -> None:
        if self.peek() != sign:
            end = "the document ends" if self.at >= len(self.text) else "something else stands"
            raise ValueError(f"the JSON is broken: {end} where {sign!r} should be")
        self.at += 1

    def value(self) -> object:
        self.peek()
        try:
            value, self.at = DECODER.raw_decode(self.text, self.at)
        except json.JSONDecodeError as fault:
            self.at = min(max(self.at, fault.pos), len(self.text))
            raise ValueError(f"the JSON is broken: {fault.msg}") from None
        return value

    def items(self) -> Iterator[Item]:
        self.expect("[")
        while self.peek() != "]":
            line = self.line()
            yield Item(line=line, value=self.value())
            if self.peek() != ",":
                break
            self.expect(",")
        self.expect("]")

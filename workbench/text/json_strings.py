"""The strings inside a line of JSON, decoded, and the way back from there to the line."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\."
)
VALUE_START = re.compile(r"\s*:\s*(?=\S)")
BRACKETS = frozenset(f"{a}{b}" for a in ("", *"[]{},:") for b in ("", *"[]{},:")) - {"", ":", ","}
NUMBER = re.compile(r"-?\d[\d.eE+-]*(?=\s*[,}\]]|\s*$)")
# a line of an indented document: a key and what follows it, or one item of a list
INDENTED = re.compile(
    r'\s*(?:"(?:[^"\\\x00-\x1f]|\\.)*"\s*:\s*)?'
    r'(?:"(?:[^"\\\x00-\x1f]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|\[\]|\{\}|[\[{])?\s*,?\s*'
)


@dataclass(frozen=True, slots=True)
class JsonString:
    """A string of the line: where its characters stand, its text, and the key before it."""

    start: int
    text: str
    key: str | None
    under: str | None = None
    """The key of the list or object that it stands in."""
    escapes: tuple[tuple[int, int], ...] = ()

    def place(self, offset: int) -> int:
        """Return where a character of the decoded text stands in the line."""
        known = bisect_right(self.escapes, (offset - 1, 1 << 60))
        return self.start + offset + (self.escapes[known - 1][1] if known else 0)


@dataclass(frozen=True, slots=True)
class JsonNumber:
    """A number that stands under a key."""

    start: int
    end: int
    key: str


def is_json(line: str) -> bool:
    """Whether a line is a JSON object or list, or one line of an indented document."""
    bare = line.strip()
    if bare.startswith('"'):
        return INDENTED.fullmatch(line) is not None
    if not bare.startswith(("{", "[")):
        return False
    try:
        json.loads(bare)
    except (ValueError, RecursionError):
        return False
    return True


def json_values(line: str) -> Iterator[JsonString | JsonNumber]:
    """Yield every string of a line for which :func:`is_json` holds, and numbers under a key."""
    key: str | None = None
    above: list[str | None] = []
    last: str | None = None
    at = 0
    for found in STRING.finditer(line):
        between = line[at : found.start()]
        # most strings have nothing but a colon or a comma between them
        if len(between) > 2 or between in BRACKETS:
            last = _opened(between, above, last)
        at = found.end()
        string = _decoded(found, key, above[-1] if above else None)
        key = last = None
        if string is None:
            continue
        yield string
        if after := VALUE_START.match(line, found.end()):
            last = string.text
            key = string.text if line[after.end()] == '"' else None
            if number := NUMBER.match(line, after.end()):
                yield JsonNumber(number.start(), number.end(), string.text)


def _opened(between: str, above: list[str | None], last: str | None) -> str | None:
    """Keep the keys of the lists and objects that are open; return the key not yet used."""
    for sign in between:
        if sign in "[{":
            above.append(last)
            last = None
        elif sign in "]}" and above:
            above.pop()
    return last


def _decoded(found: re.Match[str], key: str | None, under: str | None) -> JsonString | None:
    raw = found[0]
    if "\\" not in raw:
        return JsonString(found.start() + 1, raw[1:-1], key, under)
    try:
        text = json.loads(raw)
    except ValueError:
        return None
    # per escape: the decoded offset it stands at, and how much longer the line is from there on
    marks = [(m.start() - 1, len(m[0]) - 1) for m in ESCAPE.finditer(raw)]
    longer = list(accumulate(extra for _, extra in marks))
    offsets = [at - (longer[i - 1] if i else 0) for i, (at, _) in enumerate(marks)]
    return JsonString(found.start() + 1, text, key, under, tuple(zip(offsets, longer, strict=True)))

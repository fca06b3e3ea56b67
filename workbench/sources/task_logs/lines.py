"""Lines of a log as they stream in: decoded, numbered, none of them without bound."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LONGEST = 1 << 20
"""Bytes of a line that are read; the rest of it is skipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line without its end; ``fault`` says what is wrong with its bytes."""

    number: int
    text: str
    fault: str = ""


def file_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a file, read one by one.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(LONGEST):
            number += 1
            is_cut = len(raw) == LONGEST and not raw.endswith(b"\n")
            while is_cut and (rest := file.readline(LONGEST)):
                if rest.endswith(b"\n"):
                    break
            yield _decoded(raw, number, is_cut=is_cut)


def text_lines(text: str) -> Iterator[Line]:
    """Yield the lines of a text that is there already."""
    for number, line in enumerate(text.split("\n"), start=1):
        yield Line(number=number, text=_clean(line[:LONGEST]))


def _decoded(raw: bytes, number: int, *, is_cut: bool) -> Line:
    if number == 1:
        raw = raw.removeprefix(codecs.BOM_UTF8)
    fault = f"the line is longer than {LONGEST:,} bytes: what follows is not read" if is_cut else ""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode(errors="replace")
        fault = fault or "the line holds bytes that are not UTF-8: they are shown as \ufffd"
    return Line(number=number, text=_clean(text), fault=fault)


def _clean(text: str) -> str:
    """Drop the line's end; half characters cannot be kept as text."""
    text = text.rstrip("\r\n")
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()

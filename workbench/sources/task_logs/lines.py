"""Lines of a log as they stream in: decoded, numbered, none of them without bound."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

LONGEST = 1 << 20
"""Bytes of a line that are read; the rest of it is skipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line without its end; ``fault`` says what is wrong with its bytes."""

    number: int
    text: str
    fault: str = ""


def file_lines(path: Path, *, start: int = 0, stop: int | None = None) -> Iterator[Line]:
    """Yield the lines of a file, read one by one; or those that begin between two bytes.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    with path.open("rb") as file:
        if start:
            # a line that begins before belongs to the part before
            file.seek(start - 1)
            _skip(file)
        number = 0
        while (stop is None or file.tell() < stop) and (raw := file.readline(LONGEST)):
            number += 1
            is_cut = len(raw) == LONGEST and not raw.endswith(b"\n")
            if is_cut:
                _skip(file)
            yield _decoded(raw, number, is_cut=is_cut, is_first=number == 1 and not start)


def _skip(file: BinaryIO) -> None:
    """Go on behind the end of the line."""
    while (rest := file.readline(LONGEST)) and not rest.endswith(b"\n"):
        continue


def text_lines(text: str) -> Iterator[Line]:
    """Yield the lines of a text that is there already."""
    is_clean = text.isascii() and "\r" not in text
    for number, line in enumerate(text.split("\n"), start=1):
        said = line[:LONGEST]
        yield Line(number=number, text=said if is_clean else _clean(said))


def _decoded(raw: bytes, number: int, *, is_cut: bool, is_first: bool) -> Line:
    if is_first:
        for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raw = raw.removeprefix(mark)
    fault = f"the line is longer than {LONGEST:,} bytes: what follows is not read" if is_cut else ""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode(errors="replace")
        fault = fault or "the line holds bytes that are not UTF-8: they are shown as \ufffd"
    if "\0" in text:
        # what a crashed machine leaves in a file, or every second byte of UTF-16
        text = text.replace("\0", "")
        fault = fault or "the line holds NULs: they are left out"
    return Line(number=number, text=_clean(text), fault=fault)


def _clean(text: str) -> str:
    """Drop the line's end; half characters cannot be kept as text."""
    text = text.rstrip("\r\n")
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()

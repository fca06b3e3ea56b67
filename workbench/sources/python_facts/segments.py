"""Cuts a file into segments: imports, other module code, functions, class heads, methods.

Nine tenths of a history's text repeats, so a file is cut where top-level and method blocks start,
without parsing, and each distinct segment is parsed once. Each import stands alone, because a
change of one would otherwise bring the forty others of its file along.
"""

from __future__ import annotations

import codecs
import re
from hashlib import blake2b

# Code at the margin, or a decorator, def or class one level in. The leading newline lets the engine
# skip from line to line; groups would make it seven times slower.
STARTS = re.compile(rb"\n(?:[A-Za-z_@]|(?:    |  |\t)(?:@|def |class |async def ))")
CODE, IMPORT, CLASS, DEF, DECORATOR = range(5)
AT, SPACE, TAB = b"@ \t"
CLASS_NAME = re.compile(rb"\nclass\s+([^\s(:]+)")
# A module's __getattr__ takes one parameter. What it offers depends on tables that stand
# elsewhere in the file, so such a file is one segment.
MODULE_GETATTR = re.compile(rb"\n[ \t]*def __getattr__\(\s*\w+\s*(?::[^,)]*)?,?\s*\)")
COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


def source_text(blob: bytes) -> bytes:
    """Give the text of a file in UTF-8 with plain newlines, so that equal code is equal bytes.

    A byte order mark goes; a declared encoding is decoded where Python knows it.
    """
    text = blob.removeprefix(codecs.BOM_UTF8)
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"coding" in text[:400]:
        for line in text.split(b"\n", 2)[:2]:
            if cookie := COOKIE.match(line):
                return _decoded(text, cookie[1].decode())
    return text


def _decoded(text: bytes, encoding: str) -> bytes:
    try:
        if codecs.lookup(encoding).name == "utf-8":
            return text
        return text.decode(encoding).encode()
    except (LookupError, UnicodeError):  # an unknown encoding; the parser will say so
        return text


def segment_id(text: bytes, *, in_class: bool) -> int:
    """Digest placement and text to 64 bits: the same text has the same id anywhere."""
    placement = b"class" if in_class else b"module"
    return int.from_bytes(blake2b(text, digest_size=8, person=placement).digest(), "little")


def starts_of(text: bytes) -> list[tuple[int, str]]:
    """Find where segments start.

    Parameters
    ----------
    text : bytes
        Source with a newline put in front.

    Returns
    -------
    list of (int, str)
        Offset of the newline above the segment, and the class around it (empty at top level).
    """
    starts = [(0, "")]
    if b"__getattr__(" in text and MODULE_GETATTR.search(text):
        return starts
    mode, owner = CODE, ""
    members, indent, decorated = 0, 0, False
    for match in STARTS.finditer(text):
        at, last = match.start(), text[match.end() - 1]
        if text[at + 1] not in (SPACE, TAB):
            what = _kind(text, at + 1)
            goes_on = mode == DECORATOR or mode == what == CODE or at == 0
            if not goes_on:
                starts.append((at, ""))
            mode = what
            if what == CLASS:
                name = CLASS_NAME.match(text, at)
                owner = name[1].decode(errors="replace") if name else ""
                members, indent, decorated = len(starts), 0, False
        elif mode == CLASS:
            width = 4 if text.startswith(b"    ", at + 1) else 2 if text[at + 1] == SPACE else 1
            if not indent or width < indent:
                # What came before stood deeper than the members: under an `if`, not cut.
                del starts[members:]
                indent, decorated = width, False
            if width == indent:
                if not decorated:
                    starts.append((at, owner))
                decorated = last == AT
    return starts


def _kind(text: bytes, at: int) -> int:
    """What begins at the margin."""
    if text[at] == AT:
        return DECORATOR
    if text.startswith(b"class ", at):
        return CLASS
    if text.startswith((b"def ", b"async def "), at):
        return DEF
    return IMPORT if text.startswith((b"import ", b"from "), at) else CODE


class Segments:
    """The distinct segments of some files, numbered from 0 in the order they are first seen."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, bytes], int] = {}
        self._open: set[int] = set()
        self.texts: list[tuple[str, bytes]] = []
        """Owner and text, by number."""

    def number(self, owner: str, text: bytes) -> int:
        """Give the number of a segment; trailing blank space does not tell two apart."""
        key = (owner, text.rstrip())
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.texts)
            self.texts.append(key)
            # An odd count means that the cut fell inside a triple-quoted string.
            if text.count(b'"""') % 2 or text.count(b"'''") % 2:
                self._open.add(number)
        return number

    def cut(self, text: bytes) -> tuple[list[int], list[int]]:
        """Cut a file: the numbers of its segments and the line that each starts at.

        A segment that ends inside a triple-quoted string is joined with those after it until the
        string is closed.
        """
        text = b"\n" + text
        starts = starts_of(text)
        numbers = self._numbered(text, starts)
        if not self._open.isdisjoint(numbers):
            whole, inside = [], False
            for start, number in zip(starts, numbers, strict=True):
                if not inside:
                    whole.append(start)
                inside ^= number in self._open
            starts, numbers = whole, self._numbered(text, whole)
        lines, line, counted = [], 0, 0
        for at, _ in starts:
            line += text.count(b"\n", counted, at + 1)
            counted = at + 1
            lines.append(line)
        return numbers, lines

    def _numbered(self, text: bytes, starts: list[tuple[int, str]]) -> list[int]:
        ends = [at for at, _ in starts[1:]]
        ends.append(len(text))
        return [
            self.number(owner, text[at + 1 : end])
            for (at, owner), end in zip(starts, ends, strict=True)
        ]

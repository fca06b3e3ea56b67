"""Cuts a configuration file into blocks without parsing it, one for each option.

A file of 3,000 lines changes by a line at a time. Parsing it takes a tenth of a second, cutting it
a few milliseconds. Both layouts that Airflow has had are cut: sections and options as keys, and as
items of lists that begin with their name. What is laid out otherwise is left to be parsed whole.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

KEY = re.compile(rb" *(?:- +name *: *)?([\"']?)([\w.-]+)\1( *:)?[ \t]*(?:#.*)?")
OPTIONS = re.compile(rb" *options *:(.*)")
NOTHING = re.compile(rb"[ \t]*(?:\{ *\}|\[ *\]|~|null)?[ \t]*(?:#.*)?")
# How much deeper than its section's name the keys of a section, its options and their keys stand.
KEYS, NAMES, INSIDE = 2, 4, 6
EDGES = (b"---", b"...")
# A provider says more about itself than its configuration.
CONFIG = re.compile(rb"^config *:", re.MULTILINE)
NEXT_KEY = re.compile(rb"^[^\s#-]", re.MULTILINE)


class Block(NamedTuple):
    """A part of a file: an option's, or what stands above some.

    ``section`` is null where no option is declared. ``line`` counts from 1.
    """

    section: str | None
    text: bytes
    line: int


class Declaring(NamedTuple):
    """The part of a file that declares sections, and the number of lines above it."""

    text: bytes
    above: int


def declaring(data: bytes, *, provider: bool) -> Declaring:
    """Give the part of a file that declares sections.

    Parameters
    ----------
    data : bytes
        The file.
    provider : bool
        It is a ``provider.yaml``, which declares them under its key ``config``.
    """
    text = data.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n")
    if not provider:
        return Declaring(text, 0)
    start = CONFIG.search(text)
    if start is None:
        return Declaring(b"", 0)
    end = NEXT_KEY.search(text, start.end())
    part = text[start.end() : end.start() if end else len(text)]
    return Declaring(part, text.count(b"\n", 0, start.end()))


def blocks_of(part: Declaring) -> list[Block] | None:
    """Cut what declares sections.

    Returns
    -------
    list of Block or None
        In the order of the file; null when the layout is none that can be cut.
    """
    cutter = _Cutter()
    for number, line in enumerate(part.text.split(b"\n"), start=part.above + 1):
        bare = line.strip()
        if not bare or bare[:1] == b"#" or bare in EDGES:
            cutter.lines.append(line)
        elif not cutter.take(line, number):
            return None
    cutter.close()
    return cutter.blocks


class _Cutter:
    """The blocks so far, the lines of the one that is open, and what it stands in."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.lines: list[bytes] = []
        self._start = 0
        self._margin = -1
        self._section: str | None = None
        self._in_options = False
        # A list may stand at its key's own indent, so what begins with keys goes on with keys.
        self._items: bool | None = None
        self._options_are_items: bool | None = None
        self._is_option = False

    def take(self, line: bytes, number: int) -> bool:
        """Add a line that says something; false when it does not fit the layout."""
        indent = len(line) - len(line.lstrip(b" "))
        if self._margin < 0:
            self._margin = indent
        depth = indent - self._margin
        if depth >= (INSIDE if self._in_options else KEYS + 1):
            fits = self._section is not None and (self._is_option or not self._in_options)
        elif depth == 0:
            fits = self._open_section(line, number)
        elif depth == KEYS:
            fits = self._take_key(line, number)
        else:
            fits = depth == NAMES and self._open_option(line, number)
        self.lines.append(line)
        return fits

    def close(self) -> None:
        """End the block that is open, if any line of it says something."""
        text = b"\n".join(self.lines).rstrip()
        if self._section is not None and text:
            section = self._section if self._is_option else None
            self.blocks.append(Block(section, text, self._start))
        self.lines = []

    def _open(self, number: int, *, option: bool) -> None:
        self.close()
        self._start, self._is_option = number, option

    def _open_section(self, line: bytes, number: int) -> bool:
        found, item = KEY.fullmatch(line), _is_item(line)
        # An item's name ends the line; a key is followed by a colon.
        if found is None or item is (found[3] is not None):
            return False
        if self._items is None:
            self._items = item
        if item is not self._items:
            return False
        self._open(number, option=False)
        self._section, self._in_options = found[2].decode(), False
        return True

    def _open_option(self, line: bytes, number: int) -> bool:
        item = _is_item(line)
        if self._options_are_items is None:
            self._options_are_items = item
        start = line if item else line.partition(b":")[0] + b":"
        if item is not self._options_are_items or KEY.fullmatch(start) is None:
            return False
        self._open(number, option=True)
        return True

    def _take_key(self, line: bytes, number: int) -> bool:
        if _is_item(line):
            return False
        if self._in_options:
            self._open(number, option=False)
        said = OPTIONS.fullmatch(line)
        self._options_are_items = None
        self._in_options = said is not None and not said[1].split(b"#")[0].strip()
        return self._section is not None and (said is None or bool(NOTHING.fullmatch(said[1])))


def _is_item(line: bytes) -> bool:
    return line.lstrip().startswith(b"-")

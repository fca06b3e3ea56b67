"""A block of the marked stream as arrays: where each line is, and what its first byte says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from workbench.sources.patches import marks

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

_NEWLINE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The lines of a block.

    ``content`` is the block without the first byte of content and message lines, so that any run
    of them is one piece of text; ``begin`` and ``end`` are each line's place in it, and
    ``starts`` its place in ``text``, the block itself.
    """

    text: Bytes
    starts: Ints
    first: Bytes
    content: pa.Buffer
    begin: Ints
    end: Ints

    def marked(self, mark: bytes) -> Flags:
        """Which lines begin with a mark."""
        found: Flags = self.first == ord(mark)
        return found

    def texts(self, begin: Sequence[Ints], end: Sequence[Ints]) -> pl.Series:
        """Texts from places in ``content``, as :func:`texts_of` takes them apart.

        The n-th of all ``begin`` and ``end`` belong together, and all places are in order. Nothing
        is copied: Arrow wants texts without gaps, so the gaps between them become texts as well.
        """
        edges = np.empty(2 * len(begin) * len(begin[0]) + 1, np.int64)
        edges[0] = 0
        edges[1::2] = np.column_stack(begin).ravel()
        edges[2::2] = np.column_stack(end).ravel()
        count = len(edges) - 1
        return pl.Series(pa.LargeStringArray.from_buffers(count, pa.py_buffer(edges), self.content))

    def numbers(self, at: Ints) -> tuple[Ints, Ints]:
        """The decimal numbers that begin at places in ``text``, and the places after them."""
        value, at = np.zeros(len(at), np.int64), at.copy()
        live = np.ones(len(at), bool)
        while True:
            # uint8 wraps round, so every byte that is no digit comes out above nine.
            digit = self.text[at] - np.uint8(48)
            live &= digit < 10
            if not live.any():
                return value, at
            value = np.where(live, value * 10 + digit, value)
            at += live


def texts_of(series: pl.Series, place: int, *, of: int) -> pl.Series:
    """The texts at one of ``of`` places, from what :meth:`Lines.texts` gave for any blocks."""
    return series.gather_every(2 * of, 2 * place + 1)


def lines_of(block: bytes) -> Lines:
    """Find the lines of a block.

    Parameters
    ----------
    block : bytes
        Whole lines, valid UTF-8.

    Returns
    -------
    Lines
    """
    text = np.frombuffer(block, np.uint8)
    newlines = np.flatnonzero(text == _NEWLINE)
    starts = np.empty(len(newlines), np.int64)
    starts[:1] = 0
    starts[1:] = newlines[:-1] + 1
    first = text[starts]
    marked = (first == ord(marks.OLD)) | (first == ord(marks.NEW)) | (first == ord(marks.MESSAGE))
    keep = np.ones(len(text), bool)
    keep[starts[marked]] = False
    gone = np.cumsum(marked)
    return Lines(
        text=text,
        starts=starts,
        first=first,
        content=pa.py_buffer(text[keep]),
        begin=starts - gone + marked,
        end=newlines - gone,
    )


def is_utf8(block: bytes) -> bool:
    """Whether a block is valid UTF-8 (about ten times the speed of decoding it)."""
    edges = np.array([0, len(block)], np.int64)
    text = pa.LargeStringArray.from_buffers(1, pa.py_buffer(edges), pa.py_buffer(block))
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def repaired(block: bytes) -> tuple[bytes, Ints]:
    """A block with U+FFFD for bytes that are not UTF-8, and the numbers of their lines."""
    lines = block.split(b"\n")
    plain = [line.decode("utf-8", "replace").encode() for line in lines]
    damaged = [n for n, (was, now) in enumerate(zip(lines, plain, strict=True)) if was != now]
    return b"\n".join(plain), np.array(damaged, np.int64)

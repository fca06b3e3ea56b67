"""Parses a segment's text, in silence, and says where and why it cannot."""

from __future__ import annotations

import ast
import gc
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

PYTHON = f"Python {sys.version_info.major}.{sys.version_info.minor}"
# Wraps a method, so that the indented text inside its strings is left as it is.
CLASS_LINE = b"class _:\n"
HEAD_WITHOUT_BODY = "expected an indented block after class definition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unparsed:
    """Text that is not Python to the interpreter that runs: line (from 1) and reason."""

    line: int
    reason: str


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the compiler's warnings and keep the collector from walking syntax trees.

    Trees hold no cycles, and collecting among millions of their nodes costs a sixth of the time.
    """
    collecting = gc.isenabled()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.disable()
        try:
            yield
        finally:
            if collecting:
                gc.enable()


def parse(text: bytes, *, in_class: bool) -> list[ast.stmt] | Unparsed:
    """Parse a segment.

    Parameters
    ----------
    text : bytes
        Source as :func:`~workbench.sources.python_facts.segments.source_text` gives it.
    in_class : bool
        It is the text of a method, indented as it stands in its class. Its statements then have
        line numbers that are greater by one.

    Returns
    -------
    list of ast.stmt or Unparsed
        The statements at the segment's own level.
    """
    extra = 1 if in_class else 0
    try:
        tree = _tree(CLASS_LINE + text if in_class else text)
    except UnicodeDecodeError as error:
        return Unparsed(line=text.count(b"\n", 0, error.start) + 1, reason="it is not UTF-8")
    except SyntaxError as error:
        return Unparsed(
            line=max((error.lineno or 1) - extra, 1),
            reason=f"{PYTHON} cannot parse it: {error.msg}",
        )
    except ValueError as error:  # null bytes
        return Unparsed(line=1, reason=f"{PYTHON} cannot parse it: {error}")
    except (RecursionError, MemoryError):
        return Unparsed(line=1, reason="it is nested too deeply to parse")
    if not in_class:
        return tree.body
    first = tree.body[0]
    if len(tree.body) > 1 or not isinstance(first, ast.ClassDef):
        # Code at the margin: the cut was wrong, and the file has to be read whole.
        return Unparsed(line=tree.body[-1].lineno - 1, reason="it does not end with its class")
    return first.body


def _tree(source: bytes) -> ast.Module:
    # As a string, because a coding line no longer tells the truth.
    text = source.decode()
    try:
        return ast.parse(text)
    except IndentationError as error:
        if not error.msg.startswith(HEAD_WITHOUT_BODY):
            raise
    return ast.parse(text + "\n pass")

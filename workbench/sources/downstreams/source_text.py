"""Source text of a file: decoded as Python does, parsed in silence, cut into expressions."""

from __future__ import annotations

import ast
import gc
import io
import sys
import tokenize
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from workbench.sources.downstreams.origins import Use
from workbench.text.redact import redact

LONGEST = 200
LOOKED_AT = 8 * LONGEST
"""Secrets are looked for beyond the cut, since half a token no longer looks like one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unparsed:
    """Why a file is no Python to this interpreter, and on which line."""

    line: int
    reason: str


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the compiler's warnings; keep the collector from walking trees without cycles."""
    collecting = gc.isenabled()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.disable()
        try:
            yield
        finally:
            if collecting:
                gc.enable()


def parse(source: bytes) -> tuple[ast.Module, bytes] | Unparsed:
    """Parse a file; with its tree comes its text in UTF-8, which the tree's columns count in."""
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    try:
        text = decoded(source)
        return ast.parse(text), text.encode()
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        return Unparsed(line=line, reason=f"it is not {error.encoding}")
    except SyntaxError as error:
        reason = f"{python} cannot parse it: {error.msg}"
        return Unparsed(line=max(error.lineno or 1, 1), reason=reason)
    except ValueError as error:  # null bytes
        return Unparsed(line=1, reason=f"{python} cannot parse it: {error}")
    except (RecursionError, MemoryError):
        return Unparsed(line=1, reason="it is nested too deeply to parse")


def decoded(source: bytes) -> str:
    """The text of a file, in the encoding that it names.

    Raises
    ------
    SyntaxError, UnicodeDecodeError
        It names none that there is, or is not written in it.
    """
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    return source.decode(encoding)


class Excerpts:
    """Cuts the text of uses out of one file."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._lines: list[bytes] | None = None

    def of(self, use: Use) -> str:
        """The use on one line, without secrets, its first characters; a definition's first line."""
        if self._lines is None:
            plain = self._text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            self._lines = plain.split(b"\n")
        lines = self._lines[use.first_line - 1 : use.last_line]
        if use.last_byte < 0:
            head = lines[0].decode().strip().removesuffix(":")
            return _without_secrets(head)
        lines[-1] = lines[-1][: use.last_byte]
        lines[0] = lines[0][use.first_byte :]
        # a private key is known by its lines, a password by what stands before it on another line
        return _on_one_line(b"\n".join(lines).decode())


# versions of a file, and files of a tree, say the same again and again
@lru_cache(maxsize=1 << 16)
def _on_one_line(text: str) -> str:
    return _without_secrets(" ".join(redact(text).split()))


def _without_secrets(line: str) -> str:
    return redact(line[:LOOKED_AT])[:LONGEST]

"""Secrets out of a stream of bytes of any size, line for line, in bounded memory."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import BinaryIO

from workbench.text.private_keys import MAX_LINES
from workbench.text.redact import find_secrets, mark, redact

BLOCK = 4_000_000
"""Bytes that are read at once; a line that is longer is looked at in pieces of this size."""
MOST_HELD = 2 * BLOCK
"""Bytes that wait for the end of a private key, at most."""
BEHIND = 4_000
"""Characters before a piece of a long line that are looked at again with it."""
BEGIN, END = b"PRIVATE KEY", b"-----END"


def redacted_blocks(source: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of a stream without their secrets.

    What is no UTF-8 comes out as it went in. Memory stays within some tens of megabytes, however
    long the stream or a line of it is.
    """
    held = b""
    while block := source.read(BLOCK):
        data = held + block
        cut = _end_of_lines(data)
        if not cut and len(data) < MOST_HELD:
            held = data
            continue
        cut = cut or data.rfind(b"\n") + 1
        if not cut:
            held = yield from _long_line(data, source)
            continue
        yield _redacted(data[:cut])
        held = data[cut:]
    yield _redacted(held)


def _redacted(data: bytes) -> bytes:
    text = data.decode("utf-8", "surrogateescape")
    return redact(text).encode("utf-8", "surrogateescape")


def _end_of_lines(data: bytes) -> int:
    """Return how much can be read by itself: up to lines that may belong to a private key.

    A key may begin or end anywhere; the lines from where it might go on are kept for the next look.
    """
    cut = len(data)
    for _ in range(MAX_LINES + 1):
        line = data.rfind(b"\n", 0, cut - 1) + 1
        if not line:
            break
        cut = line
    if cut == len(data):
        return 0
    begun = data.rfind(BEGIN, 0, cut)
    # a header whose end is not among the lines that go out
    if begun >= 0 and not _is_closed(data, begun, cut):
        above = data.rfind(b"\n", 0, begun) + 1
        cut = above
    return cut


def _is_closed(data: bytes, begun: int, cut: int) -> bool:
    is_end = data.rfind(END, max(0, begun - 60), begun) >= 0
    return is_end or data.count(b"\n", begun, cut) > MAX_LINES


def _long_line(data: bytes, source: BinaryIO) -> Generator[bytes, None, bytes]:
    """Yield a line too long for memory in pieces; return what is read behind its end."""
    context = ""
    while True:
        end = data.find(b"\n")
        cut = _separator(data) if end < 0 else end
        text = data[:cut].decode("utf-8", "surrogateescape")
        yield _behind(context, text).encode("utf-8", "surrogateescape")
        context = (context + text)[-BEHIND:]
        data = data[cut:]
        if end >= 0:
            return data
        block = source.read(BLOCK)
        if not block:
            yield _behind(context, data.decode("utf-8", "surrogateescape")).encode(
                "utf-8", "surrogateescape"
            )
            return b""
        data += block


def _separator(data: bytes) -> int:
    last = max(data.rfind(sign, len(data) - BEHIND) for sign in (b" ", b"\t", b",", b";", b"&"))
    return last + 1 if last >= 0 else len(data)


def _behind(context: str, text: str) -> str:
    """Return the redacted text, looked at together with what stands before it."""
    at = len(context)
    whole = context + text
    pieces: list[str] = []
    for secret in find_secrets(whole):
        if secret.end > at:
            pieces += [whole[at : max(at, secret.start)], mark(secret)]
            at = secret.end
    return "".join([*pieces, whole[at:]])

"""A stream loses the secrets that its text would lose, in blocks of any size."""

from __future__ import annotations

import io

import pytest

from tests.text.secret_corpus import look_alikes, planted
from tests.text.test_redact import PEM, PEM_LINE
from workbench.text import redacted_stream
from workbench.text.redact import redact
from workbench.text.redacted_stream import redacted_blocks

LINES = [line.text for line in planted("a", seed=3)] + list(look_alikes("a", seed=3))
NO_TEXT = b"\xff\xfe\x00 password=hunter2 \xc3\x28\r\nplain \x80\n"


def _stream(data: bytes) -> bytes:
    return b"".join(redacted_blocks(io.BytesIO(data)))


@pytest.mark.parametrize("size", [60_000, 9_000])
def test_blocks_change_nothing(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a block ends, also within a private key, the bytes are those of one look."""
    monkeypatch.setattr(redacted_stream, "BLOCK", size)
    monkeypatch.setattr(redacted_stream, "MOST_HELD", 8 * size)
    text = "\n".join([*LINES, *["filler"] * 300, PEM, *["filler"] * 300, *LINES, PEM])
    assert _stream(text.encode()) == redact(text).encode()


def test_bytes_that_are_no_utf8_survive() -> None:
    """Only the secret changes; line ends and junk stay byte for byte."""
    seen = _stream(NO_TEXT)
    assert seen == NO_TEXT.replace(b"hunter2", b"<secret:password>")
    assert _stream(b"") == b""


def test_a_line_longer_than_a_block_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that two pieces share is found; the rest, and the line behind it, stay."""
    monkeypatch.setattr(redacted_stream, "BLOCK", 9_000)
    monkeypatch.setattr(redacted_stream, "MOST_HELD", 18_000)
    for before in range(17_900, 18_100, 7):
        filler = ("x " * before)[:before]
        line = f"{filler} password: Tr0ub4dor&3 {filler}{filler}"
        text = f"first\n{line}\nsecret_key={'aB3' * 9}\n"
        seen = _stream(text.encode()).decode()
        assert "Tr0ub" not in seen
        assert "aB3aB3" not in seen
        assert seen.replace("<secret:password>", "Tr0ub4dor&3").startswith(f"first\n{line}\n")


def test_a_key_without_an_end_does_not_hold_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """A header alone waits for no more than a key is long."""
    monkeypatch.setattr(redacted_stream, "BLOCK", 5_000)
    monkeypatch.setattr(redacted_stream, "MOST_HELD", 10_000)
    text = f"-----BEGIN PRIVATE KEY-----\n{PEM_LINE}\n" + "plain line\n" * 3_000
    blocks = list(redacted_blocks(io.BytesIO(text.encode())))
    assert b"".join(blocks).decode() == redact(text)
    assert len(blocks) > 3

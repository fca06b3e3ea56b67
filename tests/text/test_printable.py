"""A stranger's text cannot steer the terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.text.printable import CONTROL, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext\r\nnext", "plain\ttext\r\nnext"),
        ("two \x1b[31mRED", "two \\x1b[31mRED"),
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("left \u202eright", "left \\u202eright"),
        ("\x9b31m", "\\x9b31m"),
        ("grüße 日本", "grüße 日本"),
    ],
)
def test_control_characters_become_visible(text: str, shown: str) -> None:
    """Line ends, tabs and every written language stay as they are."""
    assert printable(text) == shown


@given(st.text())
def test_nothing_that_steers_is_left(text: str) -> None:
    """Doing it twice is doing it once, and the result can be written as UTF-8."""
    once = printable(text)
    assert not CONTROL.search(once)
    assert printable(once) == once
    once.encode("utf-8")

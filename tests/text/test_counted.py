"""One of a thing has no s."""

from __future__ import annotations

import pytest

from workbench.text.counted import counted


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 hits"), (1, "1 hit"), (2, "2 hits"), (1000, "1,000 hits")]
)
def test_a_number_with_its_noun(number: int, said: str) -> None:
    """As a person writes it."""
    assert counted(number, "hit") == said

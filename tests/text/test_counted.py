"""One of a thing has no s."""

from __future__ import annotations

import polars as pl
import pytest

from workbench.text.counted import counted, counted_each


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 hits"), (1, "1 hit"), (2, "2 hits"), (1000, "1,000 hits")]
)
def test_a_number_with_its_noun(number: int, said: str) -> None:
    """As a person writes it."""
    assert counted(number, "hit") == said


def test_each_number_of_a_column_with_its_noun() -> None:
    """As one of them; a noun may have a plural of its own; what is unknown stays so."""
    numbers = [0, 1, 2, 999, 1000, 123456, 1234567]
    frame = pl.DataFrame({"n": [*numbers, None]}, schema={"n": pl.UInt32})
    said = frame.select(hits=counted_each("n", "hit"), tries=counted_each("n", "try", "tries"))
    assert said["hits"].to_list() == [*(counted(n, "hit") for n in numbers), None]
    assert said["tries"].to_list()[:3] == ["0 tries", "1 try", "2 tries"]

"""Redaction of many texts at once gives what redaction of each gives."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.text.planted import PLANTED
from tests.text.test_redact import HARMLESS, PEM, texts
from workbench.text import redacted_series
from workbench.text.redact import redact
from workbench.text.redacted_series import redact_lines, redact_texts

LINES = [line.format(secret) for _, line, secret in PLANTED] + HARMLESS


def _each(values: pl.Series) -> list[str | None]:
    return [None if value is None else redact(value) for value in values.to_list()]


@given(st.lists(st.none() | texts, max_size=8))
@settings(max_examples=100, derandomize=True, deadline=None)
def test_a_series_is_redacted_as_its_values_are(values: list[str | None]) -> None:
    """Values, nulls, their order and the series' name: all as one by one."""
    given_values = pl.Series("text", values, pl.String)
    for found in (redact_lines(given_values), redact_texts(given_values)):
        assert found.to_list() == _each(given_values)
        assert found.name == "text"


@pytest.mark.parametrize("size", [1, 7, 50])
def test_texts_of_several_lines_are_redacted_line_for_line(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is batched with whatever, and over however many batches."""
    monkeypatch.setattr(redacted_series, "BATCH_BYTES", 2_000)
    several = ["\n".join(LINES[at : at + size]) for at in range(0, len(LINES), size)]
    given_values = pl.Series("text", [*several, None, PEM, "", "\n", "x\r\ny"], pl.String)
    assert redact_texts(given_values).to_list() == _each(given_values)


def test_the_vectorised_look_marks_every_line_that_has_a_secret() -> None:
    """Upper case, odd letters: what the slow look would find is not passed over."""
    lines = [*LINES, *(line.upper() for line in LINES), "İ password=hunter2", "to\u212aen: ab12cd"]
    given_values = pl.Series("line", lines)
    assert redact_lines(given_values).to_list() == _each(given_values)

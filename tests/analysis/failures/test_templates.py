"""Templates of log lines: few, the same in every order, and of lasting meaning."""

from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.analysis.failures.templates import (
    VARIABLE,
    line_templates,
    template_id,
    templates_of,
)

LINES = [
    *(f"Task exited with return code {n}" for n in range(3)),
    *(f"Retrieving connection 'wh_{n}' from pool" for n in range(3)),
    *(f"blk_{n} served to 10.0.0.{abs(n)}:50010" for n in (-7, 3, 12)),
    *(f"worker {name} has lost its heartbeat after a while" for name in ("ant", "bee", "cat")),
    "job 3f1c2a9d-1b2c-4d5e-8f90-0a1b2c3d4e5f done at 0x7f2a3b4c",
    "job 00000000-1b2c-4d5e-8f90-ffffffffffff done at 0x1",
    "Started",
    "Stopped",
]
words = st.sampled_from(["load", "7", "10.0.0.1", "a-1", "x", "<*>", "[1, 2]", "/opt/a/b.py", "é"])
texts = st.lists(words, max_size=5).map(" ".join)


def _templates(lines: list[str | None], **named: object) -> dict[str | None, str | None]:
    found = line_templates(pl.Series(lines, dtype=pl.String), **named)  # type: ignore[arg-type]
    names = dict(found.templates.select("template_id", "template").iter_rows())
    return {
        line: names.get(i) if i else None
        for line, i in zip(lines, found.ids.to_list(), strict=True)
    }


@pytest.mark.parametrize(
    ("line", "template"),
    [
        (LINES[0], "Task exited with return code <*>"),
        (LINES[3], "Retrieving connection 'wh_<*>' from pool"),
        (LINES[6], "blk_<*> served to <*>"),
        (LINES[9], "worker <*> has lost its heartbeat after a while"),
        (LINES[12], "job <*> done at <*>"),
        ("Started", "Started"),
    ],
)
def test_what_varies_is_a_mark(line: str, template: str) -> None:
    """Numbers of either sign, addresses, ids and words that differ become one mark each."""
    assert _templates(list(LINES))[line] == template


@given(st.lists(st.none() | texts, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=80, derandomize=True, deadline=None)
def test_order_decides_nothing(lines: list[str | None], chance: random.Random) -> None:
    """Each line has its template, whatever stands before it; a null has none."""
    shuffled = chance.sample(lines, len(lines))
    first, second = _templates(lines), _templates(shuffled)
    assert first == second
    assert all((line is None) == (name is None) for line, name in first.items())


def test_ids_are_digests_of_the_templates() -> None:
    """The id of a template needs no memory: another run on other lines gives the same."""
    found = line_templates(pl.Series(LINES)).templates
    assert found["template_id"].to_list() == [template_id(name) for name in found["template"]]
    assert found["lines"].sum() == len(LINES)


def test_known_templates_keep_their_lines_when_more_are_added() -> None:
    """A month that would have widened a template leaves it as it was."""
    before = line_templates(pl.Series(LINES))
    known = before.templates["template"].to_list()
    more = [*LINES, "worker dog has lost its heartbeat after a second", "Task left with code 3"]
    after = line_templates(pl.Series(more), known=known)
    assert after.ids.to_list()[: len(LINES)] == before.ids.to_list()
    assert set(known) < set(after.templates["template"])


def test_drain_joins_only_what_the_masks_leave_apart() -> None:
    """Of ten thousand lines with numbers of their own, two strings are left to compare."""
    lines = pl.Series([f"rows {n} of {n * 7} in {n / 3:.4f} s" for n in range(5_000)])
    found = line_templates(pl.concat([lines, lines + " again"]))
    assert found.templates["lines"].to_list() == [5_000, 5_000]
    assert found.templates["template"][0] == f"rows {VARIABLE} of {VARIABLE} in {VARIABLE} s"


def test_nothing_gives_nothing() -> None:
    """No lines, empty lines and nulls are no trouble."""
    assert line_templates(pl.Series([], dtype=pl.String)).templates.height == 0
    assert _templates([None, "", "  "]) == {None: None, "": "", "  ": ""}
    assert templates_of(pl.Series([], dtype=pl.String)).height == 0

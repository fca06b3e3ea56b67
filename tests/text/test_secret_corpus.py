"""Redaction of secrets drawn anew, in hundreds of phrasings, and of lines that only look so."""

from __future__ import annotations

import pytest

from tests.text.secret_corpus import look_alikes, planted
from workbench.text.redact import redact
from workbench.text.secret_triggers import marked_lines

PARTS = ["a", "b", "c", "d"]
SEEDS = [11, 12]


@pytest.mark.parametrize("part", PARTS)
def test_nothing_of_97_in_100_secrets_is_to_be_read(part: str) -> None:
    """Not even eight characters in a row, of more than 15 kinds in more than 200 phrasings."""
    lines = [line for seed in SEEDS for line in planted(part, seed=seed)]
    assert len({line.kind for line in lines}) >= 15
    secrets = sum(len(line.secrets) for line in lines)
    left = [(line.template, leak) for line in lines for leak in line.leaks(redact(line.text))]
    assert len(left) <= 0.03 * secrets, left


@pytest.mark.parametrize("part", PARTS)
def test_at_most_3_of_200_look_alikes_change(part: str) -> None:
    """Digests, masks, source lines, addresses without a password stay byte for byte."""
    lines = [line for seed in SEEDS for line in look_alikes(part, seed=seed)]
    assert len(lines) >= 200 * len(SEEDS)
    changed = [(line, redact(line)) for line in lines if redact(line) != line]
    assert len(changed) <= 3 / 200 * len(lines), changed


@pytest.mark.parametrize("part", PARTS)
def test_a_line_with_a_secret_is_marked_among_many(part: str) -> None:
    """The look at a long text and that at a short one choose the same lines."""
    lines = [text for line in planted(part, seed=7) for text in line.text.split("\n")]
    lines += [line for text in look_alikes(part, seed=7) for line in text.split("\n")]
    one_by_one = [line for line in lines if list(marked_lines(line))]
    filler = "x " * 60_000
    assert [line for _, line, _ in marked_lines("\n".join([*lines, filler]))] == one_by_one


def test_a_secret_that_is_taken_apart_counts_as_left() -> None:
    """The measure itself: a secret of which half is still to be read is a leak."""
    line = next(line for line in planted("a", seed=1) if line.kind == "env")
    secret = line.secrets[0]
    assert line.leaks(line.text) == [secret]
    assert line.leaks(line.text.replace(secret, f"<x>{secret[2:]}")) == [secret] * (len(secret) > 9)
    assert line.leaks(line.text.replace(secret, "<x>")) == []

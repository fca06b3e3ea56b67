"""Blocks of a stream: whole pieces, whatever the size of what came, and no endless patch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.sources.patches.cutting import Cutter
from workbench.sources.patches.limits import Limits

COMMIT = b"*" + b"1" * 40 + b"\n message\n\n"
SMALL = b"diff --git a/s b/s\nindex 1..2\n--- a/s\n+++ b/s\n@@ -1 +1 @@\n<old\n>new\n"
LARGE = (
    b"diff --git a/l b/l\nindex 1..2\n--- a/l\n+++ b/l\n@@ -1,30 +1,40 @@\n"
    + b"<old line\n" * 30
    + b">new line\n" * 40
)


def cut(stream: bytes, *, step: int, block: int = 120, cap: int = 400) -> list[bytes]:
    """The blocks of a stream that comes in pieces of `step` bytes."""
    cutter = Cutter(Limits(block_bytes=block, patch_bytes=cap))
    blocks = [b for at in range(0, len(stream), step) for b in cutter.feed(stream[at : at + step])]
    return [*blocks, *cutter.rest()]


@given(
    parts=st.lists(st.sampled_from([COMMIT, SMALL]), min_size=1, max_size=30),
    step=st.integers(1, 300),
    block=st.integers(1, 500),
)
def test_nothing_is_lost_and_every_block_begins_whole(
    parts: list[bytes], step: int, block: int
) -> None:
    """Joined, the blocks are the stream; each begins with a commit or a patch."""
    stream = COMMIT + b"".join(parts)
    blocks = cut(stream, step=step, block=block)
    assert b"".join(blocks) == stream
    assert all(b.startswith((b"*", b"diff --git ")) for b in blocks)


@pytest.mark.parametrize("step", [1, 7, 64, 150])
@pytest.mark.parametrize("after", [b"", SMALL, COMMIT + SMALL])
def test_an_endless_patch_is_counted_and_left_out(step: int, after: bytes) -> None:
    """A patch over the cap shrinks to its head and its counts; its neighbours stay whole."""
    stream = COMMIT + SMALL + LARGE + after
    text = b"".join(cut(stream, step=step))
    head = LARGE[: LARGE.index(b"@@")]
    assert text == COMMIT + SMALL + head + b"!%d 30 40\n" % len(LARGE) + after


def test_an_endless_line_does_not_grow_a_block() -> None:
    """One line of a megabyte passes through a cutter that holds a few hundred bytes."""
    stream = COMMIT + SMALL[: SMALL.index(b"<")] + b">" + b"x" * 1_000_000 + b"\n" + COMMIT
    cutter = Cutter(Limits(block_bytes=120, patch_bytes=400))
    held = 0
    for at in range(0, len(stream), 100):
        cutter.feed(stream[at : at + 100])
        held = max(held, len(cutter._held))
    assert held < 1000
    assert b"".join(cutter.rest()).endswith(b" 0 1\n" + COMMIT)

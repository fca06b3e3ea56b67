"""Spans: what stood at a commit equals what its tree, cut anew, holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.histories import commits
from tests.facts import changes_of, read
from workbench.analysis.history.spans import segment_spans
from workbench.domain.standing import BASE_SEGMENTS, SEGMENT_SPANS

Tree = dict[str, str]
Standing = Counter[tuple[str, str, str, int]]

# The first two are one module; what the third offers stands in another.
PATHS = ("src/pkg/a.py", "lib/src/pkg/a.py", "pkg/b.py", "pkg/__init__.py")
PARTS = (
    "import os\n",
    "def f():\n    return 1\n",
    "class C:\n    x = 1\n\n    def m(self):\n        return 1\n",
    "class D(C):\n    def m(self):\n        return 1\n",
    # cut between the lines of a bracket, so that no part parses alone
    "class E:\n    def a(self): return 1\n    x = (\ny\n    )\n    def b(self): pass\n",
    "def broken(:\n",
)
TEXTS = st.lists(st.sampled_from(PARTS), max_size=4).map("".join)
TREES = st.lists(st.dictionaries(st.sampled_from(PATHS), TEXTS), min_size=2, max_size=7)
RENAMES = st.lists(st.booleans(), min_size=7, max_size=7)


def frames_of(
    trees: Sequence[Tree], *, renamed: Sequence[Mapping[str, str]], first: int
) -> dict[str, pl.DataFrame]:
    """Facts of the steps from tree to tree; commit n makes tree n, position ``first + n``."""
    steps = []
    for n, (before, after) in enumerate(pairwise(trees), start=1):
        step = changes_of(before, after, renamed=renamed[n - 1], commit=n)
        steps.append(step.with_columns(pl.col("change_id") + 100 * n))
    changes = pl.concat(steps)
    frames, _, _ = read(changes, [text for tree in trees for text in tree.values()], workers=1)
    line = commits(len(trees)).with_columns(pl.col("position") + first)
    return frames | {"changes": changes, "commits": line.filter(pl.col("commit_id") > 0)}


def base_of(tree: Tree) -> pl.DataFrame:
    changes = changes_of({}, tree)
    frames, _, _ = read(changes, list(tree.values()), workers=1)
    return (
        frames["change_segments"]
        .join(changes.select("change_id", "path"), on="change_id")
        .join(frames["change_facts"].select("change_id", module="module_after"), on="change_id")
        .with_columns(repository=pl.lit("upstream"), pair=pl.lit(None, pl.UInt32))
        .select(list(BASE_SEGMENTS.columns))
    )


def standing(spans: pl.DataFrame, position: int) -> Standing:
    rows = spans.filter(
        pl.col("since_position") <= position,
        pl.col("until_position").is_null() | (pl.col("until_position") > position),
    )
    return Counter(rows.select("path", "module", "owner", "segment_id").rows())


def renames(before: Tree, after: Tree, wanted: bool) -> dict[str, str]:
    gone, come = sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
    return dict(zip(come, gone, strict=False)) if wanted else {}


@given(trees=TREES, wanted=RENAMES, first=st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_spans_give_the_tree_of_every_commit(
    trees: list[Tree], wanted: list[bool], first: int
) -> None:
    """Whatever was edited, renamed, deleted, brought back, or did not parse in between."""
    moved = [renames(a, b, w) for a, b, w in zip(trees, trees[1:], wanted, strict=False)]
    frames = frames_of(trees, renamed=moved, first=first)
    spans = segment_spans(
        frames["changes"],
        frames["change_facts"],
        frames["change_segments"],
        frames["commits"],
        base=base_of(trees[0]),
    )
    SEGMENT_SPANS.check(spans)
    for n, tree in enumerate(trees):
        cut = Counter(base_of(tree).select("path", "module", "owner", "segment_id").rows())
        assert standing(spans, first + n) == cut


def test_a_file_moved_as_a_whole_folder_keeps_its_segments() -> None:
    """Under the same module name: only the path changes, also for what nobody edited."""
    text = PARTS[0] + PARTS[1]
    trees = [{PATHS[0]: text}, {PATHS[1]: text.replace("return 1", "return 2")}]
    frames = frames_of(trees, renamed=[{PATHS[1]: PATHS[0]}], first=5)
    spans = segment_spans(
        frames["changes"],
        frames["change_facts"],
        frames["change_segments"],
        frames["commits"],
        base=base_of(trees[0]),
    )
    rows = spans.select("path", "since_position", "until_position", "line").rows()
    assert rows == [
        (PATHS[1], 6, None, 1),
        (PATHS[1], 6, None, 2),
        (PATHS[0], 5, 6, 1),
        (PATHS[0], 5, 6, 2),
    ]


def test_what_goes_without_having_come_stood_from_the_beginning() -> None:
    """A history that begins in the middle, with nobody to ask what its first tree held."""
    trees = [{PATHS[2]: PARTS[1]}, {PATHS[2]: PARTS[1]}, {PATHS[2]: PARTS[0]}]
    frames = frames_of(trees, renamed=[{}, {}], first=10)
    spans = segment_spans(
        frames["changes"], frames["change_facts"], frames["change_segments"], frames["commits"]
    )
    assert spans.select("since_position", "until_position").rows() == [(10, 12), (12, None)]


@pytest.mark.parametrize("kind", ["git", "release"])
def test_pairs_of_releases_are_lines_of_their_own(kind: str) -> None:
    """What one pair adds does not stand in the next; on a branch it does."""
    trees = [{}, {PATHS[2]: PARTS[1]}, {PATHS[2]: PARTS[1], PATHS[0]: PARTS[0]}]
    frames = frames_of(trees, renamed=[{}, {}], first=0)
    line = frames["commits"].with_columns(repository_kind=pl.lit(kind))
    spans = segment_spans(
        frames["changes"], frames["change_facts"], frames["change_segments"], line
    )
    pairs = spans.sort("since_position")["pair"].to_list()
    assert pairs == ([None, None] if kind == "git" else [1, 2])
    assert standing(spans, 2).total() == (2 if kind == "git" else 1)

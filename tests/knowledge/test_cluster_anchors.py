"""The file of cluster anchors: written whole, read back, merged by git, refused when unclear."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.analysis.failures.cluster_facts import Anchor
from workbench.errors import WorkbenchError
from workbench.knowledge.cluster_anchors import FILE, keep_anchors, read_anchors


def _anchor(name: str, *members: str) -> Anchor:
    return Anchor(cluster_id=name, template=f"Error: {name}", members=members)


def test_what_is_kept_is_read_back_in_any_order(tmp_path: Path) -> None:
    """The same anchors give the same bytes, whatever their order; keeping twice changes nothing."""
    anchors = [_anchor("C-b", "t2", "t3"), _anchor("C-a", "t1")]
    assert keep_anchors(tmp_path, anchors) == 2
    first = (tmp_path / FILE).read_bytes()
    assert keep_anchors(tmp_path, anchors[::-1]) == 0
    assert (tmp_path / FILE).read_bytes() == first
    assert read_anchors(tmp_path) == ((anchors[1], anchors[0]), ())


def test_what_was_kept_before_stays(tmp_path: Path) -> None:
    """A cluster that is not loaded now keeps its line, its template and its members."""
    keep_anchors(tmp_path, [_anchor("C-a", "t1", "t2")])
    assert keep_anchors(tmp_path, [_anchor("C-b", "t3"), _anchor("C-a", "t4")]) == 2
    kept, _ = read_anchors(tmp_path)
    assert kept == (_anchor("C-a", "t1", "t2", "t4"), _anchor("C-b", "t3"))


def test_a_template_stands_in_one_cluster(tmp_path: Path) -> None:
    """One that moved to another cluster, by people's word, leaves the one it was in."""
    keep_anchors(tmp_path, [_anchor("C-a", "t1", "t2")])
    keep_anchors(tmp_path, [_anchor("C-b", "t2")])
    assert read_anchors(tmp_path)[0] == (_anchor("C-a", "t1"), _anchor("C-b", "t2"))


def test_lines_of_two_branches_are_put_together(tmp_path: Path) -> None:
    """Two lines with one id, as git merges them: the members of both."""
    keep_anchors(tmp_path, [_anchor("C-a", "t1")])
    mine = (tmp_path / FILE).read_text()
    (tmp_path / FILE).write_text(mine + mine.replace("t1", "t9"))
    assert read_anchors(tmp_path)[0] == (_anchor("C-a", "t1", "t9"),)


def test_a_line_that_is_not_understood_is_told_and_never_overwritten(tmp_path: Path) -> None:
    """Reading says where it stands; writing refuses, because the line would be lost."""
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text('{"cluster_id": "C-a", "template": 3, "members": []}\nno json\n')
    kept, wrong = read_anchors(tmp_path)
    assert kept == ()
    assert len(wrong) == 2
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(WorkbenchError):
        keep_anchors(tmp_path, [_anchor("C-b", "t1")])
    assert (tmp_path / FILE).read_bytes() == before

"""Two trees give the changes, renames and hunks that git would give."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.knowledge.tree_changes import TextHunk, TreeChange, blob_id, changes_of, hunks_of


def _hunk(
    old_start: int, new_start: int, removed: tuple[str, ...], added: tuple[str, ...]
) -> TextHunk:
    return TextHunk(old_start=old_start, new_start=new_start, removed=removed, added=added)


LONG = "".join(f"line {n}\n" for n in range(10))
MOSTLY = LONG.replace("line 3\n", "else\n")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param({}, {"a.py": "x\n"}, ["A a.py a.py"], id="added"),
        pytest.param({"a.py": "x\n"}, {}, ["D a.py a.py"], id="deleted"),
        pytest.param({"a.py": "x\n"}, {"a.py": "y\n"}, ["M a.py a.py"], id="modified"),
        pytest.param({"a.py": "x\n"}, {"a.py": "x\n"}, [], id="the same"),
        pytest.param({"a.py": LONG}, {"b.py": LONG}, ["R a.py b.py"], id="renamed"),
        pytest.param({"a.py": LONG}, {"b.py": MOSTLY}, ["R a.py b.py"], id="renamed and edited"),
        pytest.param(
            {"a.py": "x\n"}, {"b.py": "y\n"}, ["D a.py a.py", "A b.py b.py"], id="nothing in common"
        ),
        pytest.param(
            {"a.py": ""}, {"b.py": ""}, ["D a.py a.py", "A b.py b.py"], id="empty files never pair"
        ),
        pytest.param(
            {"x/a.py": LONG, "x/b.py": LONG},
            {"y/a.py": LONG, "y/b.py": LONG},
            ["R x/a.py y/a.py", "R x/b.py y/b.py"],
            id="equal texts pair by name",
        ),
        pytest.param(
            {"a.py": LONG},
            {"b.py": MOSTLY, "c.py": LONG},
            ["A b.py b.py", "R a.py c.py"],
            id="the most similar wins",
        ),
    ],
)
def test_changes(before: dict[str, str], after: dict[str, str], expected: list[str]) -> None:
    """Each changed file is there once, sorted by path."""
    changes = changes_of(before, after)
    assert [f"{c.status} {c.old_path} {c.path}" for c in changes] == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("a\nb\nc\n", "a\nc\n", [_hunk(2, 1, ("b",), ())], id="only removed"),
        pytest.param("a\nc\n", "a\nb\nc\n", [_hunk(1, 2, (), ("b",))], id="only added"),
        pytest.param("a\nb\n", "a\nB\n", [_hunk(2, 2, ("b",), ("B",))], id="replaced"),
        pytest.param(None, "a\nb\n", [_hunk(0, 1, (), ("a", "b"))], id="new file"),
        pytest.param("a\n", None, [_hunk(1, 0, ("a",), ())], id="file gone"),
        pytest.param("a", "a\n", [_hunk(1, 1, ("a",), ("a",))], id="newline at the end"),
        pytest.param("a\x0cb\n", "a\x0cc\n", [_hunk(1, 1, ("a\x0cb",), ("a\x0cc",))], id="feed"),
    ],
)
def test_hunks(before: str | None, after: str | None, expected: list[TextHunk]) -> None:
    """Hunks have no context; an empty side counts from the line above it."""
    change = TreeChange(old_path="a.py", path="a.py", before=before, after=after)
    assert list(hunks_of(change)) == expected


@given(st.lists(st.sampled_from("abc\n"), max_size=12), st.lists(st.sampled_from("abc\n")))
def test_hunks_lead_from_before_to_after(old: list[str], new: list[str]) -> None:
    """Taking the removed lines out and the added ones in gives the text after."""
    before, after = "".join(old), "".join(new)
    lines, offset = before.split("\n"), 0
    if lines[-1] == "":
        lines.pop()
    for hunk in hunks_of(TreeChange(old_path="a", path="a", before=before, after=after)):
        start = hunk.old_start - bool(hunk.removed) + offset
        assert lines[start : start + len(hunk.removed)] == list(hunk.removed)
        lines[start : start + len(hunk.removed)] = hunk.added
        assert hunk.new_start == start + bool(hunk.added)
        offset += len(hunk.added) - len(hunk.removed)
    assert lines == after.removesuffix("\n").split("\n") if after else lines == []


def test_the_same_as_git(tmp_path: Path) -> None:
    """Status, renames, blob ids and hunk numbers are those of git on the same trees."""
    before = {"a.py": LONG, "keep.py": "x\n", "edit.py": LONG, "gone.py": "g\n"}
    after = {"b.py": MOSTLY, "keep.py": "x\n", "edit.py": MOSTLY + "more\n", "new.py": "n\n"}
    _git(tmp_path, "init", "-q")
    for tree in (before, after):
        for path in tmp_path.glob("*.py"):
            path.unlink()
        for name, text in tree.items():
            (tmp_path / name).write_text(text)
        _git(tmp_path, "add", "-A")
        _git(tmp_path, "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", "tree")
    shown = _git(tmp_path, "show", "--raw", "-p", "-U0", "-M", "--abbrev=40")
    changes = changes_of(before, after)
    for change in changes:
        old, new = (blob_id(text) if text else "0" * 40 for text in (change.before, change.after))
        status = r"R0\d\d" if change.status == "R" else change.status
        paths = rf"{change.old_path}\t{change.path}" if change.status == "R" else change.path
        assert re.search(rf"{old} {new} {status}\t{paths}\n", shown)
        for hunk in hunks_of(change):
            spans = f"-{_span(hunk.old_start, hunk.removed)} +{_span(hunk.new_start, hunk.added)}"
            assert f"@@ {spans} @@" in shown
    assert len(changes) == 4


def _git(folder: Path, *words: str) -> str:
    run = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True)
    return run.stdout


def _span(start: int, lines: tuple[str, ...]) -> str:
    return f"{start}" if len(lines) == 1 else f"{start},{len(lines)}"

"""What changed between two trees of texts, as the frames a git history would give."""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SIMILAR = 0.5
"""From this share of common text on, a deleted and an added file are one renamed file (git's)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeChange:
    """One file's change: ``before`` is None when added, ``after`` when deleted."""

    old_path: str
    path: str
    before: str | None
    after: str | None

    @property
    def status(self) -> str:
        """A, D, M or R, as git writes it."""
        if self.before is None:
            return "A"
        if self.after is None:
            return "D"
        return "M" if self.old_path == self.path else "R"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextHunk:
    """A block of removed and added lines, numbered as in ``git diff -U0``."""

    old_start: int
    new_start: int
    removed: tuple[str, ...]
    added: tuple[str, ...]


def changes_of(before: Mapping[str, str], after: Mapping[str, str]) -> list[TreeChange]:
    """Return changed files by path, renames found by what two files have in common."""
    gone = {path: text for path, text in before.items() if path not in after}
    new = {path: text for path, text in after.items() if path not in before}
    found = [
        TreeChange(old_path=path, path=path, before=before[path], after=text)
        for path, text in after.items()
        if path in before and before[path] != text
    ]
    for old, path in _renames(gone, new):
        found.append(TreeChange(old_path=old, path=path, before=gone.pop(old), after=new.pop(path)))
    found += [TreeChange(old_path=p, path=p, before=t, after=None) for p, t in gone.items()]
    found += [TreeChange(old_path=p, path=p, before=None, after=t) for p, t in new.items()]
    return sorted(found, key=lambda change: change.path)


def hunks_of(change: TreeChange) -> Iterator[TextHunk]:
    """Return the blocks of lines that differ, top to bottom, without context."""
    old, new = _lines(change.before or ""), _lines(change.after or "")
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            yield TextHunk(
                # an empty side is numbered by the line above it
                old_start=i1 + (i2 > i1),
                new_start=j1 + (j2 > j1),
                removed=tuple(line.removesuffix("\n") for line in old[i1:i2]),
                added=tuple(line.removesuffix("\n") for line in new[j1:j2]),
            )


def blob_id(text: str) -> str:
    """Return the id git gives to a file of this text."""
    content = text.encode()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _renames(gone: Mapping[str, str], new: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pair old and new path, the most similar first, each path used once."""
    pairs = [
        (_similarity(old_text, new_text), _name(old) == _name(path), old, path)
        for old, old_text in gone.items()
        for path, new_text in new.items()
    ]
    pairs = [pair for pair in pairs if pair[0] >= SIMILAR]
    found: dict[str, str] = {}
    for _, _, old, path in sorted(pairs, key=lambda p: (-p[0], not p[1], p[2], p[3])):
        if old not in found and path not in found.values():
            found[old] = path
    return list(found.items())


def _similarity(old: str, new: str) -> float:
    """Weigh common lines against the larger file; 1 for equal texts, empty ones never pair."""
    common = (Counter(_lines(old)) & Counter(_lines(new))).elements()
    largest = max(len(old), len(new))
    return sum(map(len, common)) / largest if old and new else 0.0


def _lines(text: str) -> list[str]:
    """Return lines with their newline, cut at newlines only, as git cuts them."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]

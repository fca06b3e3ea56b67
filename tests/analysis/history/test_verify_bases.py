"""Bases that went: what a downstream may miss of them, as far as the commit's files tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.history.miniatures import hit, miniature
from tests.analysis.patterns import pattern
from workbench.analysis.history.verify import LIFECYCLE
from workbench.analysis.history.verify_bases import Class, Classes, last_names
from workbench.domain.findings import Outcome

A, B, USED = "src/pkg/a.py", "src/pkg/b.py", "ours/main.py"
BASE = "class Base:\n    def lock(self): ...\n\n\n"
BOX = "class Box({}):\n    def open(self): ...\n"
MAKES = "from pkg.a import Box\n\n\ndef f():\n    return Box()"
INHERITS = "from pkg.a import Box\n\n\nclass Mine(Box):\n    size = 1\n"


@pytest.mark.parametrize(
    ("before", "after", "used", "fits"),
    [
        # The old base is an ancestor still.
        (
            BASE + BOX.format("Base"),
            BASE + "class Locked(Base):\n    pass\n\n\n" + BOX.format("Locked"),
            MAKES + ".lock()\n",
            True,
        ),
        # By a base that stands elsewhere: nobody knows.
        (BASE + BOX.format("Base"), BASE + BOX.format("other.Locked"), MAKES + ".lock()\n", False),
        # Only what has another name now: the new base has all that the old one had.
        (
            BASE + BOX.format("Base"),
            BASE.replace("Base", "Root") + BOX.format("Root"),
            MAKES + ".lock()\n",
            True,
        ),
        # It is gone, and somebody asks for what it had, or for the base itself, or nobody does.
        (BASE + BOX.format("Base"), BASE + BOX.format(""), MAKES + ".lock()\n", False),
        (BASE + BOX.format("Base"), BASE + BOX.format(""), MAKES + " is Base\n", False),
        (BASE + BOX.format("Base"), BASE + BOX.format(""), MAKES + "\n", True),
        (BASE + BOX.format("Base"), BASE + BOX.format(""), INHERITS, True),
        (BASE + BOX.format("Base"), BASE + BOX.format(""), INHERITS + "    lock = 1\n", False),
        # What the class has by itself is not missed.
        (
            BASE + BOX.format("Base"),
            BASE + BOX.format("") + "    def lock(self): ...\n",
            MAKES + ".lock()\n",
            True,
        ),
        # The base, or one above it, stands elsewhere: what it had is not known.
        (BOX.format("other.Base"), BOX.format(""), MAKES + "\n", False),
        (
            BASE.replace("Base:", "Base(other.Root):") + BOX.format("Base"),
            BASE.replace("Base:", "Base(other.Root):") + BOX.format(""),
            MAKES + "\n",
            False,
        ),
        # What Python asks for by itself.
        (
            BASE.replace("lock(", "__init__(") + BOX.format("Base"),
            BASE.replace("lock(", "__init__(") + BOX.format(""),
            MAKES + "\n",
            False,
        ),
        (BOX.format("metaclass=Meta"), BOX.format(""), MAKES + "\n", False),
    ],
)
def test_a_base_that_went(
    tmp_path: Path, before: str, after: str, used: str, *, fits: bool
) -> None:
    """Who misses nothing of it has nothing to fear; what is not known is kept."""
    made = miniature(
        tmp_path,
        {A: before},
        {A: after},
        {USED: used},
        hit("pkg.a.Box"),
        patterns=[pattern("", tags=(LIFECYCLE,))],
    ).finding
    assert (made["outcome"] == Outcome.FITS) is fits


def test_the_new_base_may_come_from_another_file_of_the_commit(tmp_path: Path) -> None:
    """All files that the commit touches tell what stands above a class."""
    locked = "from pkg.a import Base\n\n\nclass Locked(Base):\n    def lock(self): ...\n"
    made = miniature(
        tmp_path,
        {A: BASE + BOX.format("Base"), B: ""},
        {A: BASE + BOX.format("Locked"), B: locked},
        {USED: MAKES + ".lock()\n"},
        hit("pkg.a.Box"),
        patterns=[pattern("", tags=(LIFECYCLE,))],
    ).finding
    assert made["outcome"] == Outcome.FITS


def test_without_the_downstreams_text_nothing_is_dismissed(tmp_path: Path) -> None:
    """What cannot be looked for may be there."""
    made = miniature(
        tmp_path,
        {A: BASE + BOX.format("Base")},
        {A: BASE + BOX.format("")},
        {USED: MAKES + "\n"},
        hit("pkg.a.Box"),
        patterns=[pattern("", tags=(LIFECYCLE,))],
        with_text=False,
    ).finding
    assert made["outcome"] != Outcome.FITS


def test_last_names() -> None:
    """Modules and type parameters are no part of them; a metaclass is no base."""
    bases = ["a.b.Base", "Generic[a.T]", "c.Map[str, a.T]", "metaclass=abc.ABCMeta"]
    assert last_names(bases) == ("Base", "Generic", "Map", "metaclass=abc.ABCMeta")


@pytest.mark.parametrize(
    ("parent", "lost"),
    [
        (("metaclass=Maker",), frozenset()),
        (("metaclass=Other",), frozenset()),
        ((), None),
    ],
)
def test_a_metaclass_of_a_parent_makes_the_class_too(
    parent: tuple[str, ...], lost: frozenset[str] | None
) -> None:
    """A class that names no metaclass any more has its parent's."""
    root = Class(bases=parent, members=frozenset())
    box = Class(bases=("Root",), members=frozenset())
    known = Classes(standing={("s", "after"): {"Root": [root], "Box": [box]}})
    before, after = ("Root", "metaclass=Maker"), ("Root",)
    assert known.lost("s", "pkg.a.Box", before=before, after=after) == lost


def test_an_attribute_that_nobody_asks_for(tmp_path: Path) -> None:
    """Of two classes whose attribute goes, calls of other members are no finding of it."""
    text = "class {0}:\n    def __init__(self, a):\n        self.a = a\n\n    def drop(self): ...\n"
    two = text.format("Box") + "\n\n" + text.format("Lid")
    made = miniature(
        tmp_path,
        {A: two},
        {A: two.replace("self.a = a", "self.b = a")},
        {USED: "from pkg.a import Box, Lid\n\n\ndef f():\n    Lid.drop(1)\n    Box.drop(1)\n"},
        hit("pkg.a.Box.a", "pkg.a.Box", qualname="pkg.a.Box.a"),
        hit("pkg.a.Lid.a", "pkg.a.Lid", qualname="pkg.a.Lid.a", line=7),
        patterns=[pattern("", tags=(LIFECYCLE,))],
    ).finding
    assert made["outcome"] == Outcome.FITS

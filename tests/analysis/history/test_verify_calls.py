"""Calls that never fitted, that hand on stars, and overrides that are handed no object."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.history.miniatures import hit, miniature
from tests.analysis.patterns import pattern
from workbench.analysis.history.verify import SIGNATURE
from workbench.domain.findings import Outcome

A, USED = "src/pkg/a.py", "ours/main.py"
CLASS = "class Box:\n    def open(self, key):\n        return key\n"
NONE = "if key is None:\n            raise ValueError\n        return 1"
RAISES = CLASS.replace("return key", NONE)


@pytest.mark.parametrize("tags", [(), (SIGNATURE,), ("lifecycle",)])
@pytest.mark.parametrize(
    ("after", "call", "fits"),
    [
        (CLASS.replace("key)", "key, *, lock)"), "Box().open()", True),
        (CLASS.replace("key)", "key, *, lock)"), "Box().open(1)", False),
        (RAISES, "Box().open()", True),
        (RAISES, "Box().open(1, 2)", True),
        (RAISES, "Box().open(1)", False),
        (RAISES, "Box().open(*every)", False),
    ],
)
def test_a_call_that_fits_neither_way(
    tmp_path: Path, tags: tuple[str, ...], after: str, call: str, *, fits: bool
) -> None:
    """By whatever pattern it is seen, what did not bind before is not broken by the commit."""
    made = miniature(
        tmp_path,
        {A: CLASS},
        {A: after},
        {USED: f"from pkg.a import Box\n\n\ndef f(every):\n    return {call}\n"},
        hit("pkg.a.Box.open"),
        patterns=[pattern("", tags=tags)],
    ).finding
    assert (made["outcome"] == Outcome.FITS) is fits


@pytest.mark.parametrize(
    ("mine", "expected"),
    [
        ("    @staticmethod\n    def open(*, key, lock): ...\n", Outcome.FITS),
        ("    @staticmethod\n    def open(*, key): ...\n", Outcome.KEYWORD),
        ("    @classmethod\n    def open(cls, *, key, lock): ...\n", Outcome.FITS),
        ("    def open(self, *, key, lock): ...\n", Outcome.FITS),
        ("    def open(*, key, lock): ...\n", Outcome.ARITY),
    ],
)
def test_an_override_that_is_handed_no_object(tmp_path: Path, mine: str, expected: Outcome) -> None:
    """A static method is given the arguments alone."""
    use = "\n\ndef use(box):\n    return box.open(key=1)\n"
    now = "    @staticmethod\n    def open(*, key, lock):\n        return key\n"
    made = miniature(
        tmp_path,
        {A: "class Box:\n" + now.replace(", lock", "") + use},
        {A: "class Box:\n" + now + use.replace("key=1", "key=1, lock=2")},
        {USED: f"from pkg.a import Box\n\n\nclass Mine(Box):\n{mine}"},
        hit("pkg.a.Box.open"),
        patterns=[pattern("", tags=(SIGNATURE,))],
    ).finding
    assert made["outcome"] == expected


MAKES = "class Box:\n    def __init__(self, key=1, {}):\n        return None\n"


@pytest.mark.parametrize(
    ("after", "call", "expected"),
    [
        # Who takes any name and hands it up loses nothing by naming less itself.
        ("depth=1, **more", "super().__init__(*args, **kwargs)", Outcome.FITS),
        ("depth=1, **more", "super().__init__(**kwargs)", Outcome.FITS),
        # Nobody takes what is not named, or places are given in sight.
        ("depth=1", "super().__init__(*args, **kwargs)", Outcome.NOT_VERIFIED),
        ("depth=1, **more", "super().__init__(1, *args, **kwargs)", Outcome.NOT_VERIFIED),
        ("depth=1, **more", "super().__init__(*args)", Outcome.NOT_VERIFIED),
    ],
)
def test_a_call_that_hands_on_what_it_is_given(
    tmp_path: Path, after: str, call: str, expected: Outcome
) -> None:
    """A parameter that goes up into the parent is taken as before."""
    mine = f"class Mine(Box):\n    def __init__(self, *args, **kwargs):\n        {call}\n"
    made = miniature(
        tmp_path,
        {A: MAKES.format("lock=1, depth=1, **more")},
        {A: MAKES.format(after)},
        {USED: f"from pkg.a import Box\n\n\n{mine}"},
        hit("pkg.a.Box", "pkg.a.Box.__init__"),
        patterns=[pattern("", tags=(SIGNATURE,))],
    ).finding
    assert made["outcome"] == expected

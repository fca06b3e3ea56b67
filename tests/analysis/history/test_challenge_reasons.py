"""Reasons for less: only a test runs into it, nobody could show it, a package that refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.history.miniatures import hit, miniature
from tests.analysis.history.test_challenge import USED, A, gone, reviewed
from tests.analysis.patterns import pattern
from workbench.analysis.history.challenge_packages import package_check
from workbench.analysis.history.verify import LIFECYCLE, SIGNATURE

OPEN = "class Box:\n    def open(self, key):\n        return key\n"
ASKS_MORE = OPEN.replace("key):", "key, depth):")
IMPORTS = "from pkg.a import Box\n"
SIGNED = [pattern("", tags=(SIGNATURE,))]


@pytest.mark.parametrize(
    ("path", "severity", "says"),
    [
        ("tests/test_box.py", "MEDIUM-HIGH", ["only a test runs into it"]),
        ("ours/box.py", "HIGH", []),
    ],
)
def test_what_only_a_test_runs_into_is_one_step_less(
    tmp_path: Path, path: str, severity: str, says: list[str]
) -> None:
    """The shipped code names the class; the call that no longer binds stands in a test."""
    used = {USED: IMPORTS, path: f"{IMPORTS}\n\ndef check():\n    Box().open(1)\n"}
    made = miniature(
        tmp_path, {A: OPEN}, {A: ASKS_MORE}, used, hit("pkg.a.Box.open"), hit("pkg.a.Box"),
        patterns=SIGNED,
    )  # fmt: skip
    row = reviewed(made)
    told = [reason["argument"] for reason in row["review"]["reasons"]]
    assert row["severity"] == severity
    assert all(words in one for words, one in zip(says, told, strict=True))


def test_what_nobody_could_show_is_medium_at_most(tmp_path: Path) -> None:
    """A star may give anything: that is a reason to look, not one to be woken for."""
    used = {USED: f"{IMPORTS}\n\ndef f(*given):\n    return Box().open(*given)\n"}
    made = miniature(
        tmp_path, {A: OPEN}, {A: ASKS_MORE}, used, hit("pkg.a.Box.open"), patterns=SIGNED
    )
    row = reviewed(made)
    assert (row["verified"], row["severity"], row["review"]["from"]) == (False, "MEDIUM", "HIGH")
    (reason,) = row["review"]["reasons"]
    assert reason["argument"].startswith("nobody could show it: a star in the call")


@pytest.mark.parametrize(
    ("refusal", "severity", "kind"),
    [
        ("from ours import V_2\n\nif not V_2:\n    raise ImportError('no')\n", "LOW", "deprecated"),
        (
            "import pkg\n\nif pkg.__version__ > '3':\n    raise RuntimeError\n",
            "LOW",
            "deprecated",
        ),
        ("from ours import V_2\n\nif not V_2:\n    print('old')\n", "HIGH", "break"),
        ("from ours import ready\n\nif not ready:\n    raise ImportError('no')\n", "HIGH", "break"),
        ("", "HIGH", "break"),
    ],
)
def test_a_package_that_refuses_another_version(
    tmp_path: Path, refusal: str, severity: str, kind: str
) -> None:
    """What stands in it is never imported with what changed."""
    made = miniature(
        tmp_path,
        {A: "def used():\n    return 1\n\n\ndef kept():\n    return 2\n"},
        {A: "def kept():\n    return 2\n"},
        {
            "ours/old/deep/use.py": "from pkg.a import used\n",
            "ours/old/deep/__init__.py": "",
            "ours/old/__init__.py": refusal,
            "ours/__init__.py": "V_2 = ready = True\n",
        },
        hit("pkg.a.used"),
    )
    row = reviewed(made)
    assert (row["severity"], row["kind"]) == (severity, kind)
    if kind == "deprecated":
        cited = [r for r in row["review"]["reasons"] if r["path"] == "ours/old/__init__.py"]
        assert [(r["direction"], r["line"]) for r in cited] == [("down", 3)]


def test_a_package_whose_text_nobody_has(tmp_path: Path) -> None:
    """Without texts nothing is said."""
    made = gone(tmp_path, "from pkg.a import used\n")
    at = made.history.commits["committed_utc"][0]
    assert package_check(made.finding["call_sites"][0], made.known.texts, at) is None


@pytest.mark.parametrize(
    ("bases", "severity"), [("(Newer, Unknown)", "LOW"), ("(Newer)", "MEDIUM")]
)
def test_a_base_that_may_stand_above_what_is_not_at_hand(
    tmp_path: Path, bases: str, severity: str
) -> None:
    """A class that is in none of the commit's files may bring what went; a known one does not."""
    text = "from pkg.b import Unknown\n\n\nclass Old:\n    x = 1\n\n\nclass Newer:\n    y = 1\n\n\n"
    made = miniature(
        tmp_path,
        {A: f"{text}class Box(Old):\n    pass\n"},
        {A: f"{text}class Box{bases}:\n    pass\n"},
        {USED: f"{IMPORTS}\n\nclass Mine(Box):\n    def __init__(self):\n        self.x = 2\n"},
        hit("pkg.a.Box", severity="MEDIUM"),
        patterns=[pattern("", tags=(LIFECYCLE,))],
    )
    row = reviewed(made)
    assert (row["verified"], row["severity"]) == (False, severity)


@pytest.mark.parametrize(
    ("bases", "told"), [("(Unknown)", True), ("(Newer)", True), ("(Old)", False)]
)
def test_a_member_that_a_new_base_may_have(tmp_path: Path, bases: str, told: bool) -> None:
    """An attribute that __init__ no longer sets, in a class that got a base nobody looked at."""
    text = "from pkg.b import Unknown\n\n\nclass Old:\n    x = 1\n\n\n"
    text += "class Newer(Old):\n    y = 1\n\n\n"
    body = "    def __init__(self):\n        self.b = 1\n{}\n    def open(self): ...\n"
    made = miniature(
        tmp_path,
        {A: f"{text}class Box(Old):\n{body.format('        self.a = 2')}"},
        {A: f"{text}class Box{bases}:\n{body.format('')}"},
        {USED: f"{IMPORTS}\n\nclass Mine(Box):\n    def open(self):\n        return self.a\n"},
        hit("pkg.a.Box.a", "pkg.a.Box", severity="MEDIUM"),
        patterns=[pattern("", tags=(LIFECYCLE,))],
    )
    row = reviewed(made)
    assert row["verified"] is False
    said = [r["argument"] for r in row["review"]["reasons"]]
    assert any("may have what went" in one for one in said) is told
    assert row["severity"] == ("LOW" if told else "MEDIUM")

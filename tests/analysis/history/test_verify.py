"""Verification: what each finding runs into, shown on texts, and why where it is not shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.analysis.history.miniatures import hit, miniature
from tests.analysis.patterns import pattern
from workbench.analysis.history.verify import LIFECYCLE, SIGNATURE
from workbench.domain.findings import FINDINGS, Outcome
from workbench.domain.histories import HISTORY_TABLES
from workbench.domain.patterns import FailureMode, HotPath

A = "src/pkg/a.py"
OTHER = "src/pkg/b.py"
USED = "ours/main.py"
CLASS = "class Box:\n    def open(self, key, depth=1):\n        return key, depth\n"


def outcome(folder: Path, before: str, after: str, used: str, name: str, **more: Any) -> Any:
    """outcome, verified and why_not of one name that changed in one file."""
    made = miniature(folder, {A: before}, {A: after}, {USED: used}, hit(name), **more).finding
    return made["outcome"], made["why_not"]


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ("from pkg.a import used\n", Outcome.MISSING_NAME),
        ("import pkg.a\n\ndef f():\n    return pkg.a.used()\n", Outcome.MISSING_NAME),
        ("import pkg.a\n\nclass Mine(pkg.a.used):\n    pass\n", Outcome.MISSING_NAME),
    ],
)
def test_a_name_that_is_gone(tmp_path: Path, used: str, expected: Outcome) -> None:
    """However it is asked for, it is not there."""
    before = "def used():\n    return 1\n\n\ndef kept():\n    return 2\n"
    after = "def kept():\n    return 2\n"
    assert outcome(tmp_path, before, after, used, "pkg.a.used") == (expected, None)


@pytest.mark.parametrize(
    ("shim", "expected"),
    [
        ("from pkg.b import used\n", Outcome.STILL_WORKS),
        ("def kept():\n    return 2\n", Outcome.MISSING_NAME),
    ],
)
def test_a_name_that_moved(tmp_path: Path, shim: str, expected: Outcome) -> None:
    """A re-export at the old place keeps it working, and is named in the trace."""
    body = "def used(a, b):\n    first = a + b\n    second = first * 2\n    return second - a\n"
    made = miniature(
        tmp_path,
        {A: body + "\n\ndef kept():\n    return 2\n", OTHER: ""},
        {A: shim, OTHER: body},
        {USED: "from pkg.a import used\n"},
        hit("pkg.a.used"),
    )
    assert made.finding["outcome"] == expected
    places = [(step["path"], step["line"]) for step in made.finding["trace"]]
    assert places[0] == (A, 1)
    assert places[-1] == (USED, 1)


@pytest.mark.parametrize(
    ("head", "call", "expected"),
    [
        ("open(self, key)", "Box().open(1, depth=2)", Outcome.KEYWORD),
        ("open(self, key)", "Box().open(1, 2)", Outcome.ARITY),
        ("open(self, key)", "Box().open(1)", Outcome.FITS),
        ("open(self, key, lock, depth=1)", "Box().open(1)", Outcome.ARITY),
        ("open(self, key, lock, depth=1)", "Box().open(1, lock=2)", Outcome.FITS),
        ("open(self, key, *, depth=1)", "Box().open(1, 2)", Outcome.ARITY),
        ("open(self, key, depth=2)", "Box().open(1)", Outcome.BEHAVIOUR),
        ("open(self, key, depth=2)", "Box().open(1, 3)", Outcome.FITS),
        ("open(self, key, height=1)", "Box().open(1, height=3)", Outcome.FITS),
        ("open(self, key, depth=1, lock=1)", "Box().open(1, **{})", Outcome.FITS),
    ],
)
def test_calls_are_bound(tmp_path: Path, head: str, call: str, expected: Outcome) -> None:
    """The call as it is written against the parameters as they are now."""
    after = f"class Box:\n    def {head}:\n        return key\n"
    used = f"from pkg.a import Box\n\n\ndef f():\n    return {call}\n"
    kinds = [pattern("", tags=(SIGNATURE,))]
    told = outcome(tmp_path, CLASS, after, used, "pkg.a.Box.open", patterns=kinds)
    assert told == (expected, None)


@pytest.mark.parametrize(
    ("head", "expected"),
    [("open(self, key, height=1)", Outcome.KEYWORD), ("open(self, key, **more)", Outcome.FITS)],
)
def test_a_keyword_with_another_name(tmp_path: Path, head: str, expected: Outcome) -> None:
    """The whole signature says whether something takes what is no longer named."""
    after = CLASS.replace("open(self, key, depth=1)", head)
    used = "from pkg.a import Box\n\n\ndef f():\n    return Box().open(1, depth=2)\n"
    kinds = [pattern("", tags=(SIGNATURE,))]
    told = outcome(tmp_path, CLASS, after, used, "pkg.a.Box.open", patterns=kinds)
    assert told == (expected, None)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("open(self, key, **more)", (Outcome.FITS, None)),
        ("open(self, key)", (Outcome.NOT_VERIFIED, "a star in the call may give anything")),
    ],
)
def test_a_catch_all_takes_what_a_star_gives(
    tmp_path: Path, head: str, expected: tuple[Outcome, str | None]
) -> None:
    """A constructor that hands **more up may lose names of its own without a caller noticing."""
    before = "class Box:\n    def open(self, key, depth=1, **more):\n        return key, depth\n"
    after = before.replace("open(self, key, depth=1, **more)", head)
    used = "from pkg.a import Box\n\n\ndef f(every):\n    return Box().open(1, **every)\n"
    kinds = [pattern("", tags=(SIGNATURE,))]
    told = outcome(tmp_path, before, after, used, "pkg.a.Box.open", patterns=kinds)
    assert told == expected


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("Box().open(*every)", "a star in the call may give anything"),
        ("Box().open(1, depth=2)", "whether **keywords takes what is no longer named"),
    ],
)
def test_what_a_call_hides(tmp_path: Path, call: str, why: str) -> None:
    """A star may give anything; a catch-all that did not change is in no delta."""
    nothing = {"segment_spans": HISTORY_TABLES["segment_spans"].empty()}
    after = CLASS.replace("depth", "height")
    used = f"from pkg.a import Box\n\n\ndef f(every):\n    return {call}\n"
    told, why_not = outcome(tmp_path, CLASS, after, used, "pkg.a.Box.open", deltas=nothing)
    assert told == Outcome.NOT_VERIFIED
    assert why_not.startswith(why)


@pytest.mark.parametrize(
    ("after", "mine", "expected"),
    [
        # The method is gone, or has another name.
        ("class Box:\n    size = 1\n", "open(self, key, depth=1)", Outcome.NEVER_CALLED),
        (CLASS.replace("open", "unlock"), "open(self, key, depth=1)", Outcome.NEVER_CALLED),
        # It has to be passed, and the override does not take it.
        (CLASS.replace("depth=1", "lock, depth=1"), "open(self, key)", Outcome.ARITY),
        (CLASS.replace("depth=1", "*, lock, depth=1"), "open(self, key)", Outcome.KEYWORD),
        (CLASS.replace("depth=1", "*, lock, depth=1"), "open(self, key, **more)", Outcome.FITS),
        # It is no longer passed.
        (CLASS.replace("(self, key, ", "(self, "), "open(self, key, depth=1)", Outcome.ARITY),
        (CLASS.replace("depth=1", "depth=1, lock=1"), "open(self, key)", Outcome.NOT_VERIFIED),
    ],
)
def test_overrides(tmp_path: Path, after: str, mine: str, expected: Outcome) -> None:
    """An override is called by upstream: by its name, with what upstream passes."""
    used = f"from pkg.a import Box\n\n\nclass Mine(Box):\n    def {mine}:\n        return 1\n"
    kinds = [pattern("", tags=(SIGNATURE,))]
    names = ("pkg.a.Box.open",)
    made = miniature(
        tmp_path, {A: CLASS}, {A: after}, {USED: used}, hit(*names), patterns=kinds
    ).finding
    assert made["outcome"] == expected
    relations = [step["relation"] for step in made["trace"]]
    assert "inherits" in relations


def test_an_upstream_call_that_an_override_cannot_take(tmp_path: Path) -> None:
    """The caller that passes the new keyword is a hop of the trace."""
    use = "\n\ndef use(box):\n    return box.open(1)\n"
    after = CLASS.replace("depth=1", "depth=1, lock=None") + use.replace("(1)", "(1, lock=2)")
    used = "from pkg.a import Box\n\n\nclass Mine(Box):\n    def open(self, key, depth=1): ...\n"
    made = miniature(
        tmp_path, {A: CLASS + use}, {A: after}, {USED: used}, hit("pkg.a.Box.open")
    ).finding
    assert made["outcome"] == Outcome.KEYWORD
    caller = [s for s in made["trace"] if s["relation"] == "calls it by the new parameters"]
    assert [s["text"] for s in caller] == ["return box.open(1, lock=2)"]


@pytest.mark.parametrize(
    ("mine", "expected"), [("size = 1", Outcome.ABSTRACT), ("def shut(self): ...", None)]
)
def test_a_method_that_became_abstract(tmp_path: Path, mine: str, expected: Outcome | None) -> None:
    """Who inherits and does not define it cannot be made any more."""
    before = "from abc import ABC, abstractmethod\n\n\nclass Box(ABC):\n    size = 1\n"
    after = before + "\n    @abstractmethod\n    def shut(self): ...\n"
    used = f"from pkg.a import Box\n\n\nclass Mine(Box):\n    {mine}\n"
    kinds = [pattern("")]
    told, _ = outcome(tmp_path, before, after, used, "pkg.a.Box", patterns=kinds)
    assert told == (expected or Outcome.NOT_VERIFIED)


HOT = [HotPath(qualname="pkg.a.Box.*", multiplicity="per-task-instance", why="each is asked.")]


@pytest.mark.parametrize(
    ("hot", "expected", "words"),
    [(HOT, Outcome.SLOW, "40,000 times"), ([], Outcome.NOT_VERIFIED, "may work more often")],
)
def test_cost_is_told_by_the_loop(
    tmp_path: Path, hot: list[HotPath], expected: Outcome, words: str
) -> None:
    """On a hot path the budget of a query is told; elsewhere nothing is shown."""
    slow = [pattern("", failure_mode=FailureMode.SLOW)]
    used = "from pkg.a import Box\n\nBox().open(1)\n"
    after = CLASS.replace("return key, depth", "return [key], depth")
    made = miniature(
        tmp_path, {A: CLASS}, {A: after}, {USED: used}, hit("pkg.a.Box.open"),
        patterns=slow, hot_paths=hot,
    ).finding  # fmt: skip
    assert made["outcome"] == expected
    assert words in made["trace"][-1]["relation"]


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ("Box().open(1)", Outcome.BEHAVIOUR),
        ("print(Box.open)", Outcome.NOT_VERIFIED),
        ("class Mine(Box):\n    pass", Outcome.NOT_VERIFIED),
    ],
)
def test_behaviour_is_shown_where_the_changed_lines_run(
    tmp_path: Path, used: str, expected: Outcome
) -> None:
    """A call runs them; who names or inherits them may never."""
    after = CLASS.replace("return key, depth", "return [key], depth")
    told, why_not = outcome(
        tmp_path, CLASS, after, f"from pkg.a import Box\n\n\n{used}\n", "pkg.a.Box.open",
        patterns=[pattern("")],
    )  # fmt: skip
    assert told == expected
    assert (why_not is None) == (expected is Outcome.BEHAVIOUR)


def test_every_hop_is_a_line_that_exists(tmp_path: Path) -> None:
    """A re-export stands between the change and the use, at the line it has by then."""
    init = "src/pkg/__init__.py"
    before = {A: "def used():\n    return 1\n", init: "from pkg.a import used\n"}
    after = {A: "kept = 2\n", init: ""}
    made = miniature(
        tmp_path, before, after, {USED: "import pkg\n\npkg.used()\n"}, hit("pkg.a.used")
    ).finding
    texts = {"upstream": before, "downstream": {USED: "import pkg\n\npkg.used()\n"}}
    for step in made["trace"]:
        lines = texts[step["where"]][step["path"]].split("\n")
        assert lines[step["line"] - 1].strip() == step["text"]
    assert FINDINGS.schema == miniature_schema(made)


def miniature_schema(row: dict[str, Any]) -> dict[str, Any]:
    """The declared types of the columns that a row has."""
    return {name: FINDINGS.schema[name] for name in row}


@pytest.mark.parametrize(
    ("head", "call", "expected"),
    [
        ("open(self, key, *, lock)", "Box().open()", Outcome.FITS),
        ("open(self, key, *, lock)", "Box().open(1)", Outcome.KEYWORD),
    ],
)
def test_a_call_that_never_fitted(tmp_path: Path, head: str, call: str, expected: Outcome) -> None:
    """What was wrong before the commit is not broken by it."""
    after = CLASS.replace("open(self, key, depth=1)", head)
    used = f"from pkg.a import Box\n\n\ndef f():\n    return {call}\n"
    kinds = [pattern("", tags=(SIGNATURE,))]
    found, _ = outcome(tmp_path, CLASS, after, used, "pkg.a.Box.open", patterns=kinds)
    assert (found == Outcome.FITS) is (expected == Outcome.FITS)


@pytest.mark.parametrize(
    ("used", "fits"),
    [
        ("from pkg.a import Box\n", True),
        ("from pkg.a import Box\n\n\nclass Mine(Box):\n    pass\n", False),
        ("from pkg.a import Box\n\n\ndef f():\n    return Box()\n", False),
    ],
)
def test_who_only_imports_a_class_makes_none(tmp_path: Path, used: str, fits: bool) -> None:
    """How a class comes to be is felt by who inherits from it or makes one."""
    kinds = [pattern("", tags=(LIFECYCLE,))]
    after = CLASS.replace("class Box:", "class Box(Base):")
    found, _ = outcome(tmp_path, CLASS, after, used, "pkg.a.Box", patterns=kinds)
    assert (found == Outcome.FITS) is fits


OWNER = "class Box:\n    def __init__(self):\n        self.key = 1\n"


@pytest.mark.parametrize(
    ("used", "fits"),
    [
        ("class Mine(Box):\n    pass\n", True),
        ("def f():\n    return Box()\n", True),
        ("def f():\n    return Box().key\n", False),
    ],
)
def test_an_attribute_that_comes_later(tmp_path: Path, used: str, fits: bool) -> None:
    """Only who asks for it can miss it."""
    kinds = [pattern("", tags=(LIFECYCLE,))]
    after = OWNER.replace("self.key = 1", "pass")
    made = miniature(
        tmp_path,
        {A: OWNER},
        {A: after},
        {USED: f"from pkg.a import Box\n\n\n{used}"},
        hit("pkg.a.Box.key", names=["pkg.a.Box.key", "pkg.a.Box"]),
        patterns=kinds,
    ).finding
    assert (made["outcome"] == Outcome.FITS) is fits


def test_an_attribute_that_raises_concerns_who_inherits(tmp_path: Path) -> None:
    """A subclass may run into it without naming it."""
    kinds = [pattern("", tags=(LIFECYCLE,))]
    stub = "\n    @property\n    def key(self):\n        raise RuntimeError('not yet')\n"
    made = miniature(
        tmp_path,
        {A: OWNER},
        {A: OWNER.replace("self.key = 1", "pass") + stub},
        {USED: "from pkg.a import Box\n\n\nclass Mine(Box):\n    pass\n"},
        hit("pkg.a.Box.key", names=["pkg.a.Box.key", "pkg.a.Box"]),
        patterns=kinds,
    ).finding
    assert made["outcome"] != Outcome.FITS


def test_who_inherits_and_never_asks_for_what_went(tmp_path: Path) -> None:
    """A member that is gone is missed by an override or a use, by whatever pattern it is seen."""
    before = "class Box:\n    hooks = []\n    macros = []\n"
    used = "from pkg.a import Box\n\n\nclass Mine(Box):\n    {} = [1]\n"
    kinds = [pattern("", tags=())]
    for mine, expected in (("macros", Outcome.FITS), ("hooks", Outcome.NEVER_CALLED)):
        folder = tmp_path / mine
        folder.mkdir()
        after = before.replace("    hooks = []\n", "")
        text = used.format(mine)
        found, _ = outcome(folder, before, after, text, "pkg.a.Box.hooks", patterns=kinds)
        assert (found == Outcome.FITS) is (expected == Outcome.FITS)


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ("from pkg import a\n", Outcome.MISSING_NAME),
        ("import pkg.a\n\n\ndef f():\n    return pkg.a.Box()\n", Outcome.MISSING_NAME),
    ],
)
def test_a_module_whose_file_is_gone(tmp_path: Path, used: str, expected: Outcome) -> None:
    """A module is no definition: that its file went, and no other one is it, shows it."""
    kept = {OTHER: "def kept():\n    return 2\n"}
    made = miniature(tmp_path, {A: CLASS} | kept, kept, {USED: used}, hit("pkg.a")).finding
    assert (made["outcome"], made["verified"]) == (expected, True)
    package = {"src/pkg/a/__init__.py": CLASS}
    folder = tmp_path / "again"
    folder.mkdir()
    again = miniature(folder, {A: CLASS} | kept, package | kept, {USED: used}, hit("pkg.a"))
    assert again.finding["outcome"] != Outcome.MISSING_NAME


@pytest.mark.parametrize(
    ("member", "expected"), [("open", Outcome.STILL_WORKS), ("lock", Outcome.NOT_VERIFIED)]
)
def test_a_member_of_a_class_that_moved(tmp_path: Path, member: str, expected: Outcome) -> None:
    """What moved with its class works by the old name; of what did not, nothing is claimed."""
    body = CLASS + "\n    def shut(self, key):\n        first = key + 1\n        return first * 2\n"
    lock = "\n    def lock(self):\n        return None\n"
    made = miniature(
        tmp_path,
        {A: body + lock, OTHER: ""},
        {A: "from pkg.b import Box\n", OTHER: body},
        {USED: f"from pkg.a import Box\n\n\ndef f():\n    return Box().{member}(1)\n"},
        hit(f"pkg.a.Box.{member}"),
    ).finding
    assert made["outcome"] == expected


def test_a_constructor_that_is_overridden_is_called_all_the_same(tmp_path: Path) -> None:
    """Whoever makes one calls the subclass's own; what that passes on is a call of its own."""
    before = "class Box:\n    def __init__(self, key):\n        self.key = key\n"
    used = (
        "from pkg.a import Box\n\n\nclass Mine(Box):\n    def __init__(self, key):\n        pass\n"
    )
    kinds = [pattern("", tags=(SIGNATURE,))]
    after = before.replace("self, key", "self").replace("= key", "= 1")
    found, _ = outcome(tmp_path, before, after, used, "pkg.a.Box.__init__", patterns=kinds)
    assert found == Outcome.FITS


@pytest.mark.parametrize(
    ("bases", "expected"), [("", Outcome.NEVER_CALLED), ("(Base)", Outcome.NOT_VERIFIED)]
)
def test_a_member_that_another_base_may_have(tmp_path: Path, bases: str, expected: Outcome) -> None:
    """A class that inherits from another one now may have from it what it no longer defines."""
    after = f"class Box{bases}:\n    size = 1\n"
    used = (
        "from pkg.a import Box\n\n\nclass Mine(Box):\n    def open(self, key):\n        return 1\n"
    )
    assert outcome(tmp_path, CLASS, after, used, "pkg.a.Box.open")[0] == expected

"""What a change did to each fact, as tables of before, after and expected."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.facts import changes_of, deltas_of, of_function, read
from workbench.analysis.history import deltas as module
from workbench.analysis.history.deltas import deltas
from workbench.analysis.history.located import absolute
from workbench.domain.facts import DELTA_TABLES

P = "pkg/mod.py"
LONG = "def {}(a):\n    b = a + 1\n    c = b * 2\n    d = c - 3\n    return d\n"
OTHER = (
    "def {}(x):\n    for y in x:\n        print(y)\n    while x:\n        x.pop()\n"
    "    z = x or y\n    return None\n"
)
CLASS = (
    "class {}(B):\n    size = 1\n    def m(self, a):\n        if a: return 1\n"
    "        self.x.append(a)\n        return a\n    def n(self):\n        return 2\n"
)


PROPERTY = (
    "class C:\n    @property\n    def x(self):\n        return self\n"
    "    @x.setter\n    def x(self, v): pass\n"
)


def told(frame: pl.DataFrame, *fields: str) -> list[tuple[object, ...]]:
    """Kind of change, module and qualname (before, when it was another), and fields of the fact."""
    rows = []
    for row in frame.iter_rows(named=True):
        fact = row["after"] or row["before"]
        here = f"{row['module']}:{row['qualname']}"
        if row["before_qualname"] is not None:
            here = f"{row['before_module']}:{row['before_qualname']} -> {here}"
        rows.append((row["change"], here, *(fact[field] for field in fields)))
    return rows


DEFINITIONS = [
    ("added", {P: ""}, {P: LONG.format("f")}, [("added", "pkg.mod:f")]),
    ("removed", {P: LONG.format("f")}, {P: ""}, [("removed", "pkg.mod:f")]),
    ("body changed alone", {P: "def f():\n    return 1\n"}, {P: "def f():\n    return 2\n"}, []),
    ("bases", {P: "class C: pass\n"}, {P: "class C(B): pass\n"}, [("changed", "pkg.mod:C")]),
    ("decorator", {P: "def f(): pass\n"}, {P: "@d\ndef f(): pass\n"}, [("changed", "pkg.mod:f")]),
    ("async", {P: "def f(): pass\n"}, {P: "async def f(): pass\n"}, [("changed", "pkg.mod:f")]),
    ("value of a constant", {P: "X = 1\n"}, {P: "X = 2\n"}, []),
    ("shifted", {P: LONG.format("f")}, {P: "\n\n# note\n\n" + LONG.format("f")}, []),
    ("reordered", {P: LONG.format("f") + OTHER.format("g")},
     {P: OTHER.format("g") + LONG.format("f")}, []),
    ("renamed", {P: LONG.format("f")}, {P: LONG.format("g")},
     [("renamed", "pkg.mod:f -> pkg.mod:g")]),
    ("renamed and edited", {P: OTHER.format("f")}, {P: OTHER.format("g").replace("None", "x")},
     [("renamed", "pkg.mod:f -> pkg.mod:g")]),
    ("another function instead", {P: LONG.format("f")}, {P: OTHER.format("g")},
     [("removed", "pkg.mod:f"), ("added", "pkg.mod:g")]),
    ("tiny bodies are not recognised by themselves", {P: "def f(): return 1\n"},
     {P: "def g(): return 1\n"}, [("removed", "pkg.mod:f"), ("added", "pkg.mod:g")]),
    ("moved", {P: LONG.format("f"), "pkg/b.py": "x = 1\n"},
     {P: "", "pkg/b.py": "x = 1\n" + LONG.format("f")},
     [("moved", "pkg.mod:f -> pkg.b:f")]),
    ("moved and renamed", {P: LONG.format("f")}, {"pkg/b.py": LONG.format("g")},
     [("moved", "pkg.mod:f -> pkg.b:g")]),
    ("tiny and moved under its name", {P: "def f(): return 1\n"},
     {"pkg/b.py": "def f(): return 1\n"}, [("moved", "pkg.mod:f -> pkg.b:f")]),
    ("constant moved", {P: "LIMIT = 12\n"}, {"pkg/b.py": "LIMIT = 12\n"},
     [("moved", "pkg.mod:LIMIT -> pkg.b:LIMIT")]),
    ("another constant of that name", {P: "LIMIT = 12\n"}, {"pkg/b.py": "LIMIT = 13\n"},
     [("removed", "pkg.mod:LIMIT"), ("added", "pkg.b:LIMIT")]),
    ("copied", {P: LONG.format("f")}, {P: LONG.format("f"), "pkg/b.py": LONG.format("f")},
     [("added", "pkg.b:f")]),
    ("class renamed", {P: CLASS.format("C")}, {P: CLASS.format("D")},
     [("renamed", f"pkg.mod:C{m} -> pkg.mod:D{m}") for m in ("", ".size", ".m", ".n")]),
    ("class moved, a method edited", {P: CLASS.format("C")},
     {"pkg/b.py": CLASS.format("C").replace("return 2", "return 3")},
     [("moved", f"pkg.mod:C{m} -> pkg.b:C{m}") for m in ("", ".size", ".m", ".n")]),
    ("empty class moved under its name", {P: "class E(Exception): pass\n"},
     {"pkg/b.py": "class E(Exception): pass\n"}, [("moved", "pkg.mod:E -> pkg.b:E")]),
    ("file that git saw as another, same module", {"src/pkg/mod.py": LONG.format("f")},
     {"new/src/pkg/mod.py": LONG.format("f")}, []),
    ("module became a package", {P: LONG.format("f")},
     {"pkg/mod/__init__.py": LONG.format("f")}, []),
    ("property edited", {P: PROPERTY}, {P: PROPERTY.replace("return self", "return 1")}, []),
    ("property lost its setter", {P: PROPERTY}, {P: PROPERTY.partition("    @x.setter")[0]},
     [("removed", "pkg.mod:C.x")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "expected"), [d[1:] for d in DEFINITIONS], ids=[d[0] for d in DEFINITIONS]
)
def test_definitions(
    before: dict[str, str], after: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    """Kept by name, renamed or moved by body; an edited body is no delta of a definition."""
    assert sorted(told(deltas_of(before, after)["definitions"])) == sorted(expected)


def test_a_file_renamed_moves_what_stands_in_it() -> None:
    """Git's rename is enough; what is left out or new is told as such."""
    before = {P: "X = 1\n" + LONG.format("f") + "def g(): pass\n"}
    after = {"lib/new.py": "X = 1\n" + LONG.format("f") + "def h(): return 4\n"}
    made = deltas_of(before, after, renamed={"lib/new.py": P})
    assert sorted(told(made["definitions"])) == [
        ("added", "lib.new:h"),
        ("moved", "pkg.mod:X -> lib.new:X"),
        ("moved", "pkg.mod:f -> lib.new:f"),
        ("removed", "pkg.mod:g"),
    ]
    assert sorted(told(made["exports"], "how")) == [
        ("added", "lib.new:h", "definition"),
        ("moved", "pkg.mod:X -> lib.new:X", "assignment"),
        ("moved", "pkg.mod:f -> lib.new:f", "definition"),
        ("removed", "pkg.mod:g", "definition"),
    ]
    assert made["parameters"].is_empty()


def test_a_method_of_a_private_class_is_not_public() -> None:
    """The delta knows the class that the method's segment does not."""
    rows = deltas_of({}, {P: CLASS.format("_C")})["definitions"]["after"].to_list()
    assert not any(row["public"] for row in rows)


PARAMETERS = [
    ("added", "def f(a): pass\n", "def f(a, b=1): pass\n", [("added", "pkg.mod:f", "b")]),
    ("removed", "def f(a, b): pass\n", "def f(a): pass\n", [("removed", "pkg.mod:f", "b")]),
    ("default", "def f(a=1): pass\n", "def f(a=2): pass\n", [("changed", "pkg.mod:f", "a")]),
    ("quotes", "def f(a='x'): pass\n", 'def f(a = "x"): pass\n', []),
    ("swapped", "def f(a, b): pass\n", "def f(b, a): pass\n",
     [("changed", "pkg.mod:f", "b"), ("changed", "pkg.mod:f", "a")]),
    ("keyword-only", "def f(a): pass\n", "def f(*, a): pass\n", [("changed", "pkg.mod:f", "a")]),
    ("renamed function", LONG.format("f"), LONG.format("g").replace("(a)", "(a, z)"),
     [("added", "pkg.mod:g", "z")]),
    ("renamed class", CLASS.format("C"), CLASS.format("D").replace("self, a", "self, a, z"),
     [("added", "pkg.mod:D.m", "z")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "expected"), [p[1:] for p in PARAMETERS], ids=[p[0] for p in PARAMETERS]
)
def test_parameters(before: str, after: str, expected: list[tuple[str, str, str]]) -> None:
    """By name inside their function, wherever that went."""
    assert told(deltas_of({P: before}, {P: after})["parameters"], "name") == expected


IMPORTS = [
    ("added", "", "import a\n", [("added", "a")]),
    ("guarded", "import a\n", "try:\n    import a\nexcept E:\n    pass\n", [("changed", "a")]),
    ("made absolute", "from .a import b\n", "from pkg.a import b\n", []),
    ("another module", "from a import b\n", "from c import b\n",
     [("added", "c"), ("removed", "a")]),
    ("sorted", "import a\nimport b\n", "import b\nimport a\n", []),
    ("doubled", "import a\n", "import a\nimport a\n", [("added", "a")]),
    ("into a function", "import a\ndef f():\n    pass\n", "def f():\n    import a\n",
     [("added", "a"), ("removed", "a")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "expected"), [i[1:] for i in IMPORTS], ids=[i[0] for i in IMPORTS]
)
def test_imports(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    """By absolute module, name and alias."""
    rows = told(deltas_of({P: before}, {P: after})["imports"], "module")
    assert sorted((change, name) for change, _, name in rows) == expected


@pytest.mark.parametrize(
    ("path", "package", "expected"),
    [
        ("a.b", "p.q", "a.b"),
        (".a", "p.q", "p.q.a"),
        (".", "p.q", "p.q"),
        ("..a", "p.q", "p.a"),
        ("...a", "p.q", "a"),
        ("....a", "p.q", "a"),
        (".a", "", "a"),
    ],
)
def test_relative_paths_are_resolved(path: str, package: str, expected: str) -> None:
    """One dot is the package; too many stop at the top."""
    frame = pl.DataFrame({"path": [path], "package": [package]})
    assert frame.select(absolute(pl.col("path"), pl.col("package"))).item() == expected


def test_a_package_resolves_from_itself() -> None:
    """``from .a import b`` in ``pkg/__init__.py`` is ``pkg.a``, in ``pkg/mod.py`` too."""
    text = "from .a import b\n"
    made = deltas_of({}, {"pkg/__init__.py": text, P: text})
    assert {row["module"] for row in made["imports"]["after"]} == {"pkg.a"}
    assert {row["target"] for row in made["exports"]["after"]} == {"pkg.a.b"}


F = LONG.format("f")
LAZY = "def __getattr__(n):\n    if n == 'f':\n        from pkg.b import f\n        return f\n"
EXPORTS = [
    ("removed", {P: F}, {P: ""}, [("removed", "pkg.mod:f", "definition")]),
    ("moved behind a re-export", {P: F}, {P: "from pkg.b import f\n", "pkg/b.py": F},
     [("added", "pkg.b:f", "definition"), ("changed", "pkg.mod:f", "reexport")]),
    ("moved", {P: F}, {P: "", "pkg/b.py": F}, [("moved", "pkg.mod:f -> pkg.b:f", "definition")]),
    ("renamed", {P: F}, {P: LONG.format("g")},
     [("renamed", "pkg.mod:f -> pkg.mod:g", "definition")]),
    ("behind a lazy name", {P: F}, {P: LAZY, "pkg/b.py": F},
     [("added", "pkg.b:f", "definition"), ("changed", "pkg.mod:f", "lazy")]),
    ("from a lazy table", {P: "T = {'f': 'pkg.b.f', 'g': 'pkg.b.g'}\nmoved(T, __name__)\n"},
     {P: "T = {'f': 'pkg.b.f'}\nmoved(T, __name__)\n"}, [("removed", "pkg.mod:g", "lazy")]),
    ("another place", {P: "from a import f\n"}, {P: "from b import f\n"},
     [("changed", "pkg.mod:f", "reexport")]),
    ("for type checkers alone", {P: "from a import f\n"},
     {P: "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a import f\n"},
     [("added", "pkg.mod:TYPE_CHECKING", "reexport"), ("removed", "pkg.mod:f", "reexport")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "expected"), [e[1:] for e in EXPORTS], ids=[e[0] for e in EXPORTS]
)
def test_exports(
    before: dict[str, str], after: dict[str, str], expected: list[tuple[str, str, str]]
) -> None:
    """By name in their module: a shim is a change, a name goes along with its definition."""
    assert sorted(told(deltas_of(before, after)["exports"], "how")) == sorted(expected)


GUARDS = [
    ("removed", "if a: return\ng()", "g()", [("removed", "a")]),
    ("added", "g()", "if a: return\ng()", [("added", "a")]),
    ("layout", "if (a\n    and b): return", "if a and b: return", []),
    ("reordered", "if a: return\ng()\nif b: raise E", "if b: raise E\ng()\nif a: return", []),
    ("edited", "if a.state == 1 and b: return", "if a.state == 1 and c: return",
     [("changed", "a.state == 1 and c")]),
    ("walrus", "now = f()\nif now >= t: return", "if (now := f()) >= t: return",
     [("changed", "(now := f()) >= t")]),
    ("another one instead", "if a.state == 1: return", "if self.done(): return",
     [("added", "self.done()"), ("removed", "a.state == 1")]),
    ("another exit", "if a.b: return", "if a.b: raise E", [("added", "a.b"), ("removed", "a.b")]),
    ("into a loop", "if a: return", "for x in y:\n    if a: return", [("changed", "a")]),
    ("one of two", "if a: return\ng()\nif a: return", "if a: return\ng()", [("removed", "a")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "expected"), [g[1:] for g in GUARDS], ids=[g[0] for g in GUARDS]
)
def test_guards(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    """By condition and exit inside their function; a condition edited a little is a change."""
    rows = told(deltas_of({P: of_function(before)}, {P: of_function(after)})["guards"], "condition")
    assert sorted((change, condition) for change, _, condition in rows) == expected


MUTATIONS = [
    ("added", "pass", "ctx.deps.add(1)", [("added", "ctx.deps", "1")]),
    ("another spelling", "ctx.deps.add(1)", "deps = ctx.deps\nset.add(deps, 1)", []),
    ("another value", "ctx.deps.add(1)", "ctx.deps.add(2)", [("changed", "ctx.deps", "2")]),
    ("one more", "ctx.deps.add(1)", "ctx.deps.add(1)\nctx.deps.add(2)",
     [("added", "ctx.deps", "2")]),
    ("under a condition", "ctx.deps.add(1)", "if a: ctx.deps.add(1)",
     [("changed", "ctx.deps", "1")]),
    ("on a copy", "ctx.deps.add(1)", "ctx = copy(ctx)\nctx.deps.add(1)",
     [("removed", "ctx.deps", "1")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "expected"), [m[1:] for m in MUTATIONS], ids=[m[0] for m in MUTATIONS]
)
def test_mutations(before: str, after: str, expected: list[tuple[str, str, str]]) -> None:
    """By what is changed and how, however it is spelled."""
    made = deltas_of({P: of_function(before)}, {P: of_function(after)})["mutations"]
    rows = [(change, target, value) for change, _, target, value in told(made, "target", "value")]
    assert rows == expected


SCOPES = [
    ("kept", {P: of_function("g()")}, {P: of_function("if a: return\ng()")}, "kept"),
    ("added", {P: ""}, {P: of_function("if a: return")}, "added"),
    ("removed", {P: of_function("if a: return")}, {P: ""}, "removed"),
    ("renamed", {P: LONG.format("f")}, {P: LONG.format("g") + "    if a: return\n"}, "renamed"),
    ("moved", {P: LONG.format("f") + "    if a: return\n"}, {"pkg/b.py": LONG.format("f")},
     "moved"),
    ("method", {P: CLASS.format("C")}, {P: CLASS.format("C").replace("if a: return 1", "pass")},
     "kept"),
    ("method of a class renamed", {P: CLASS.format("C")},
     {P: CLASS.format("D").replace("if a: return 1", "pass")}, "renamed"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "expected"), [s[1:] for s in SCOPES], ids=[s[0] for s in SCOPES]
)
def test_a_delta_tells_what_became_of_the_function_around_it(
    before: dict[str, str], after: dict[str, str], expected: str
) -> None:
    """Facts follow their function; one that came or went with it says so."""
    assert deltas_of(before, after)["guards"]["scope_change"].to_list() == [expected]


def test_the_scope_of_what_stands_at_module_level_is_the_module() -> None:
    """An import, an export, a top-level definition."""
    made = deltas_of({}, {P: "import a\ndef f(x): pass\n"})
    assert made["imports"]["scope_change"].to_list() == ["module"]
    assert set(made["exports"]["scope_change"]) == {"module"}
    assert made["definitions"]["scope_change"].to_list() == ["module"]
    assert made["parameters"]["scope_change"].to_list() == ["added"]


def test_lines_count_on_the_side_that_is_told() -> None:
    """Where it stands after, or stood before when it is gone."""
    before = "x = 1\n" + of_function("if a: return\ng()")
    after = "x = 1\ny = 2\n\n" + of_function("g()\ng()\nctx.deps.add(1)")
    made = deltas_of({P: before}, {P: after})
    assert made["guards"].select("side", "line").rows() == [("before", 3)]
    assert made["mutations"].select("side", "line").rows() == [("after", 7)]


def test_a_change_with_an_unparsed_side_has_no_deltas() -> None:
    """The other changes of the commit have theirs."""
    before, after = {P: "def f(): pass\n", "pkg/b.py": ""}, {P: "def f(:\n", "pkg/b.py": "x = 1\n"}
    made = deltas_of(before, after)
    assert told(made["definitions"]) == [("added", "pkg.b:x")]


def test_moves_are_found_inside_a_commit_alone_however_the_work_is_divided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What one commit removes and the next one adds is not moved; frames are as declared."""
    first = changes_of({P: LONG.format("f")}, {P: ""})
    second = changes_of({}, {"pkg/b.py": LONG.format("f")}, commit=1).with_columns(
        change_id=pl.lit(1, dtype=pl.UInt32)
    )
    changes = pl.concat([first, second])
    frames, _, _ = read(changes, [LONG.format("f"), ""])
    for step in (1, 1000):
        monkeypatch.setattr(module, "SEGMENTS_A_STEP", step)
        made = deltas(changes, frames["change_facts"], frames["change_segments"], frames)
        assert told(made["definitions_deltas"]) == [("removed", "pkg.mod:f"), ("added", "pkg.b:f")]
        assert made.keys() == DELTA_TABLES.keys()
        for name, table in DELTA_TABLES.items():
            table.check(made[name])


def test_nothing_gives_empty_frames() -> None:
    """Every delta table is there, with its columns."""
    frames, _, _ = read(changes_of({P: ""}, {P: "\n"}), ["", "\n"])
    made = deltas(
        changes_of({P: ""}, {P: "\n"}), frames["change_facts"], frames["change_segments"], {}
    )
    assert all(made[name].schema == table.schema for name, table in DELTA_TABLES.items())
    assert all(frame.is_empty() for frame in made.values())


LINES = st.sampled_from(
    [
        "if a: return",
        "ctx.deps.add(1)",
        "import os",
        "g()",
        "x = ctx.x; x.pop()",
        "for i in a: i.n = 1",
    ]
)
MODULES = st.lists(
    st.one_of(
        st.builds(
            lambda name, args, body: (
                f"def {name}({args}):\n    " + "\n    ".join([*body, "return"])
            ),
            st.sampled_from("fgh"),
            st.sampled_from(["", "a", "a, ctx=None"]),
            st.lists(LINES, max_size=5),
        ),
        st.builds(
            lambda name, body: (
                f"class {name}:\n    def m(self, ctx):\n        "
                + "\n        ".join([*body, "return 1"])
            ),
            st.sampled_from("CD"),
            st.lists(LINES, max_size=3),
        ),
        st.sampled_from(["X = 1", "import a", "from .b import c", "__all__ = ['f']"]),
    ),
    max_size=5,
).map(lambda parts: "\n".join([*parts, ""]))
TREES = st.dictionaries(st.sampled_from(["pkg/a.py", "pkg/b.py"]), MODULES, max_size=2)


@settings(max_examples=40, deadline=None)
@given(TREES)
def test_nothing_happened_to_what_is_the_same(tree: dict[str, str]) -> None:
    """Blank lines and comments are nothing too."""
    spaced = {path: text.replace("\n", "\n\n# note\n") for path, text in tree.items()}
    assert all(frame.is_empty() for frame in deltas_of(tree, spaced).values())


@settings(max_examples=40, deadline=None)
@given(TREES, TREES)
def test_the_way_back_undoes_the_way_there(before: dict[str, str], after: dict[str, str]) -> None:
    """Swapped sides swap added and removed and keep the rest."""
    there, back = deltas_of(before, after), deltas_of(after, before)
    swapped = {"added": "removed", "removed": "added"}
    for family, frame in there.items():
        counts = dict(frame["change"].value_counts().rows())
        turned = {swapped.get(change, change): n for change, n in counts.items()}
        assert turned == dict(back[family]["change"].value_counts().rows())

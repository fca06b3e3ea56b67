"""What each family of facts reads from a file."""

from __future__ import annotations

import pytest

from tests.facts import facts, of_function

MODULE = '''\
"""Words."""
import os
from typing import TYPE_CHECKING

LIMIT: int = 3
_a, b = 1, 2


@decorated(by="me")
class Outer(Base, metaclass=Meta):
    """Doc."""

    size = 1
    name: str

    @property
    def value(self) -> int:
        def inner():
            return 1
        return inner()

    async def _go(self): ...

    class Meta:
        def deep(self): return 1


if os.name:
    def under_if(): return 1
else:
    try:
        class UnderTry: x = 1
    finally:
        pass
'''


def test_definitions_are_found_wherever_they_stand() -> None:
    """Nested ones, those under if and try, attributes and constants, each with its kind."""
    found = [(r["line"], r["qualname"], r["kind"]) for r in facts(MODULE, "definitions")]
    assert found == [
        (5, "LIMIT", "constant"),
        (6, "_a", "constant"),
        (6, "b", "constant"),
        (10, "Outer", "class"),
        (13, "Outer.size", "attribute"),
        (14, "Outer.name", "attribute"),
        (17, "Outer.value", "method"),
        (18, "Outer.value.inner", "function"),
        (22, "Outer._go", "method"),
        (24, "Outer.Meta", "class"),
        (25, "Outer.Meta.deep", "method"),
        (29, "under_if", "function"),
        (32, "UnderTry", "class"),
        (32, "UnderTry.x", "attribute"),
    ]


def test_a_definition_tells_bases_decorators_and_whether_it_is_public() -> None:
    """As written on one line; a method's segment alone does not know about its class."""
    rows = {r["qualname"]: r for r in facts(MODULE, "definitions")}
    assert rows["Outer"]["bases"] == ["Base", "metaclass=Meta"]
    assert rows["Outer"]["decorators"] == ["decorated(by='me')"]
    assert rows["Outer.value"]["decorators"] == ["property"]
    assert [rows[n]["is_async"] for n in ("Outer._go", "Outer.value")] == [True, False]
    assert [rows[n]["public"] for n in ("Outer._go", "Outer.value", "_a")] == [False, True, False]


SAME_BODY = [
    ("layout", "def f(a):\n    return g(a,\n             1)\n", "def f(a):\n    return g(a, 1)\n"),
    ("commas", "def f(a):\n    return g(\n        a,\n    )\n", "def f(a):\n    return g(a)\n"),
    ("quotes", "def f(a):\n    return 'x'\n", 'def f(a):\n    return "x"\n'),
    ("comments", "def f(a):\n    # why\n    return a  # so\n", "def f(a):\n    return a\n"),
    ("docstring", 'def f(a):\n    """Doc."""\n    return a\n', "def f(a):\n    return a\n"),
    ("own name", "def f(a):\n    return f(a - 1)\n", "def other(a):\n    return other(a - 1)\n"),
    ("signature", "def f(a):\n    return a\n", "@d\ndef f(a: int = 1) -> int:\n    return a\n"),
    ("indentation", "def f(a):\n    return a\n", "class C:\n    def f(a):\n        return a\n"),
]


@pytest.mark.parametrize(
    ("left", "right"), [c[1:] for c in SAME_BODY], ids=[c[0] for c in SAME_BODY]
)
def test_the_digest_of_a_body_leaves_out_what_does_not_run(left: str, right: str) -> None:
    """Layout, comments, docstring, signature and own name do not count."""
    one, other = (
        next(r for r in facts(text, "definitions") if r["kind"] != "class")
        for text in (left, right)
    )
    assert one["body_digest"] == other["body_digest"]


def test_the_digest_of_a_body_tells_other_code_apart() -> None:
    """Another call, another constant, another order."""
    bodies = ["return g(a)", "return h(a)", "return g(1)", "g(a)\nreturn 1", "return 1\ng(a)"]
    digests = {facts(of_function(b), "definitions")[0]["body_digest"] for b in bodies}
    assert len(digests) == len(bodies)


def test_a_sketch_holds_the_smallest_checksums_of_the_lines_of_code() -> None:
    """At most sixteen, sorted, none twice; `lines` counts the lines of code."""
    body = "\n".join(["# no", ""] + [f"x{i} = {i}" for i in range(40)] + ["x0 = 0"])
    row = facts(of_function(body), "definitions")[0]
    assert row["lines"] == 41
    assert len(set(row["sketch"])) == 16
    assert row["sketch"] == sorted(row["sketch"])


def test_parameters_stand_in_the_order_of_the_signature() -> None:
    """Kind, annotation and default of each; what has no default has none."""
    text = (
        "def f(a, b: 'int' = 1, /, c=None, *args: str, d, e=g(\n  1, 2), **kw): pass\n"
        "async def g(): pass\n"
        "class C:\n    def m(self): pass\n"
    )
    rows = facts(text, "parameters")
    assert [
        (r["name"], r["position"], r["kind"], r["annotation"], r["has_default"], r["default"])
        for r in rows
        if r["qualname"] == "f"
    ] == [
        ("a", 0, "positional-only", None, False, None),
        ("b", 1, "positional-only", "'int'", True, "1"),
        ("c", 2, "positional", None, True, "None"),
        ("args", 3, "var-positional", "str", False, None),
        ("d", 4, "keyword-only", None, False, None),
        ("e", 5, "keyword-only", None, True, "g(1, 2)"),
        ("kw", 6, "var-keyword", None, False, None),
    ]
    assert [r["qualname"] for r in rows if r["name"] == "self"] == ["C.m"]


IMPORTS = [
    ("import os", ("os", None, "os", "none")),
    ("import os.path", ("os.path", None, "os", "none")),
    ("import os.path as p", ("os.path", None, "p", "none")),
    ("from a.b import c", ("a.b", "c", "c", "none")),
    ("from .. import c as d", ("..", "c", "d", "none")),
    ("from .a import *", (".a", "*", "*", "none")),
    ("try:\n    import a\nexcept ImportError:\n    pass", ("a", None, "a", "try")),
    ("if TYPE_CHECKING:\n    import a", ("a", None, "a", "type-checking")),
    ("if typing.TYPE_CHECKING:\n    import a", ("a", None, "a", "type-checking")),
    ("if not TYPE_CHECKING:\n    import a", ("a", None, "a", "none")),
    ("if not TYPE_CHECKING:\n    pass\nelse:\n    import a", ("a", None, "a", "type-checking")),
    ("if sys.version_info >= (3, 11):\n    import a", ("a", None, "a", "version-check")),
    ("if AIRFLOW_V_3_0_PLUS:\n    pass\nelse:\n    import a", ("a", None, "a", "version-check")),
    ("if windows:\n    import a", ("a", None, "a", "none")),
    ("def f():\n    import a", ("a", None, "a", "in-function")),
    (
        "def f():\n  if x:\n    try:\n      import a\n    finally:\n      pass",
        ("a", None, "a", "try"),
    ),
    ("class C:\n    import a\n    def m(self): pass", ("a", None, "a", "none")),
    (
        "class C:\n    def m(self):\n        class D:\n            import a",
        ("a", None, "a", "in-function"),
    ),
]


@pytest.mark.parametrize(("text", "expected"), IMPORTS, ids=[i[0] for i in IMPORTS])
def test_an_import_tells_what_it_binds_and_what_guards_it(
    text: str, expected: tuple[object, ...]
) -> None:
    """Module and name as written, the bound name, the strongest guard."""
    rows = facts(text + "\n", "imports")
    assert [(r["module"], r["name"], r["alias"], r["guard"]) for r in rows] == [expected]


EXPORTS = [
    ("def f(): pass", [("f", "definition", None)]),
    ("class C:\n    x = 1\n    def m(self): pass", [("C", "definition", None)]),
    ("def _f(): pass\n_x = 1\nimport _y", []),
    ("X = 1\na, (b, *c) = d", [("X", "assignment", None), ("a", "assignment", None),
                               ("b", "assignment", None), ("c", "assignment", None)]),
    ("X = a.Y", [("X", "assignment", "a.Y")]),
    ("x: int", []),
    ("from a import b as c", [("c", "reexport", "a.b")]),
    ("from . import b", [("b", "reexport", ".b")]),
    ("from .a import *", [("*", "reexport", ".a")]),
    ("import a.b", [("a", "reexport", "a")]),
    ("import a.b as c", [("c", "reexport", "a.b")]),
    ("if TYPE_CHECKING:\n    from a import b\n    X = 1", []),
    ("try:\n    from a import b\nexcept ImportError:\n    b = None",
     [("b", "reexport", "a.b"), ("b", "assignment", None)]),
    ("__all__ = ['a', *b] + ['c']\n__all__ += ('d',)\n__all__.append('e')\n__all__.extend(['g'])",
     [(n, "all", None) for n in "acdeg"]),
    ("__version__ = 1", [("__version__", "assignment", None)]),
    ("def f():\n    import a\n    X = 1", [("f", "definition", None)]),
    # Module __getattr__.
    ("def __getattr__(name):\n    if name == 'A':\n        from .m import A\n        return A\n",
     [("A", "lazy", ".m.A")]),
    ("def __getattr__(name: str):\n    if name in ('A', 'B'):\n        return 1\n    raise E",
     [("A", "lazy", None), ("B", "lazy", None)]),
    ("T = {'A': 'p.q.A', 'b': 'p.q', 'C': ('.m', 'D'), 'E': None}\n"
     "def __getattr__(name):\n    return T[name]",
     [("T", "assignment", None), ("A", "lazy", "p.q.A"), ("b", "lazy", "p.q.b"),
      ("C", "lazy", ".m.D"), ("E", "lazy", None)]),
    ("if not TYPE_CHECKING:\n    N = frozenset({'A'})\n    def __getattr__(name):\n"
     "        if name not in N:\n            raise E\n",
     [("N", "assignment", None), ("A", "lazy", None)]),
    ("_T = {'A': 'p.A'}\nclass X:\n    def m(self): pass\n"
     "def __getattr__(name):\n    path = _T.get(name)\n    return load(path)",
     [("A", "lazy", "p.A"), ("X", "definition", None)]),
    ("def __getattr__(name):\n    match name:\n        case 'A' | 'B':\n            return 1",
     [("A", "lazy", None), ("B", "lazy", None)]),
    ("class C:\n    def __getattr__(self, name):\n        return {'A': 1}[name]",
     [("C", "definition", None)]),
    # Tables of moved names.
    ("moved({'A': 'p.q.A', 'B': 'p.r.C'}, __name__)",
     [("A", "lazy", "p.q.A"), ("B", "lazy", "p.r.C")]),
    ("_T = {__name__: {'A': 'p.q.A'}, 'sub': {'B': 'p.B'}}\nmoved(_T, package=__name__)",
     [("A", "lazy", "p.q.A"), ("sub.B", "lazy", "p.B")]),
    ("moved({**T, 'A': 'p.A'})", [("A", "lazy", "p.A")]),
    ("moved({1: 'p.A'})\nmoved({'a': ('x', 1), 'b': (n,)})\nmoved(T)\nmoved({**T})", []),
    ("T = {'A': ('p.q',), 'B': (1, 2), 'C d': 'p.C'}\n"
     "def __getattr__(name):\n    if 'Z' == name or name in L:\n        return T.pop(name)",
     [("T", "assignment", None), ("Z", "lazy", None), ("A", "lazy", "p.q.A"), ("B", "lazy", None)]),
    ("__getattr__ = lazy(__name__, {'A': '.m.A'})", [("A", "lazy", ".m.A")]),
    ("configure({'a': 'x', 'b': 1})", []),
    ("configure({'a': 'x y'})\nrun(**{'a': 'b.c'})", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), EXPORTS, ids=[e[0] for e in EXPORTS])
def test_exports_are_the_public_names_a_module_offers(
    text: str, expected: list[tuple[object, ...]]
) -> None:
    """Whatever makes a name available, and where it leads."""
    rows = facts(text + "\n", "exports", path="pkg/__init__.py")
    found = [(r["name"], r["how"], r["target"]) for r in rows]
    assert sorted(found, key=str) == sorted(expected, key=str)


GUARDS = [
    ("if a: return", "return", []),
    ("if a:\n    log()\n    return 1\ng()", "return", ["call"]),
    ("if a: raise E\nsession.scalar(q)", "raise", ["query", "call"]),
    ("if a: return\nx = session.get(M, 1)", "return", ["query", "call"]),
    ("if a: return\nx = d.get(1)", "return", ["call"]),
    ("if a: return\nx = select(M)", "return", ["query", "call"]),
    ("if a: return\nfor x in y: pass", "return", ["loop"]),
    ("if a: return\nx = [y for y in z]", "return", ["loop"]),
    ("if a:\n    yield 1\n    return\nyield 2", "yield-return", ["yield"]),
    ("if a:\n    yield from b\n    return", "yield-return", []),
    ("g()\nif a: return\ng2 = lambda: h()", "return", []),
    ("if a: return\nx = exists(q)", "return", ["query", "call"]),
    ("if a: return\nx = f()()", "return", ["call"]),
    ("if a: return\ndef g():\n    h()", "return", []),
    ("for x in y:\n    if a: continue\n    g()\nsession.execute(q)", "continue", ["call"]),
    ("for x in y:\n    if a: break\nsession.execute(q)", "break", []),
    ("for x in y:\n    if a: return\nsession.execute(q)", "return", ["query", "call"]),
]


@pytest.mark.parametrize(("body", "leaves", "follows"), GUARDS, ids=[g[0] for g in GUARDS])
def test_a_guard_tells_how_it_leaves_and_what_that_skips(
    body: str, leaves: str, follows: list[str]
) -> None:
    """A return skips the rest of the function, a continue or break the rest of the loop's body."""
    rows = facts(of_function(body), "guards")
    assert [(r["condition"], r["exit"], r["follows"]) for r in rows] == [("a", leaves, follows)]


def test_the_condition_of_a_guard_is_normalised() -> None:
    """Line breaks, comments, quotes and needless parentheses do not show."""
    text = of_function('if (\n    a["x"] < 0  # why\n    and not (b)\n):\n    return')
    assert [r["condition"] for r in facts(text, "guards")] == ["a['x'] < 0 and (not b)"]


def test_guards_of_an_elif_chain_and_of_loops_have_their_position_and_depth() -> None:
    """An elif stands where its if stands; an else is no guard, nor is an if that goes on."""
    text = of_function(
        """
        g()
        if a: return
        elif b: raise E
        else: return 1
        if c: g()
        for x in y:
            while z:
                if d: break
        if e: g()
        else:
            g()
            if f: return
        """
    )
    rows = facts(text, "guards")
    assert [(r["condition"], r["position"], r["depth"]) for r in rows] == [
        ("a", 1, 0),
        ("b", 1, 0),
        ("d", 0, 2),
        ("f", 1, 0),
    ]


def test_guards_at_module_level_are_none() -> None:
    """Only functions have early exits worth the name."""
    assert facts("if a:\n    raise E\nclass C:\n    if b:\n        raise E\n", "guards") == []

"""The walk over all calls of a segment, and the facts about them."""

from __future__ import annotations

import ast

import pytest
from hypothesis import assume, given, settings

from tests.facts import deltas_of, facts, of_function
from tests.sources.python_texts import modules
from workbench.sources.python_facts.called import Called, callee_text, calls_of
from workbench.sources.python_facts.parsing import Unparsed, parse
from workbench.sources.python_facts.syntax import Segment


def called(text: str) -> list[Called]:
    body = parse(text.encode(), in_class=False)
    assert not isinstance(body, Unparsed)
    return calls_of(Segment(text.encode(), body, in_class=False))


def calls(body: str) -> list[dict[str, object]]:
    return facts(of_function(body), "calls")


PLACES = [
    ("f(g(x))", [("f", False, False), ("g", False, False)]),
    ("a.b(c)[0].d(e())", [("a.b()[].d", False, False), ("a.b", False, False), ("e", False, False)]),
    ("[f(x) for x in g() if h(x)]", [("g", False, False), ("h", True, False), ("f", True, False)]),
    ("{f(): g() for x in h() for y in i()}", "h i+ f+ g+"),
    ("a() if b() else c()", "b a? c?"),
    ("a() and b() or c()", "a b? c?"),
    ("f(lambda: g())", "f g"),
    ("f(*j(), k=h(i()), **g())", "f j h i g"),
    ("f'{g()}'.h(k())", "str.h k"),
    ("(await f()).g()", "f().g f"),
    ("x = y = f()", "f"),
    ("x: A(1) = f()", "A f"),
    ("x[f()] = g()", "f g"),
    ("return (yield f())", "f"),
    ("assert f(), g()", "f g"),
    ("del x[f()]", "f"),
    ("@f(1)\n    class C: x = 1", "f"),
]


@pytest.mark.parametrize(("line", "expected"), PLACES)
def test_each_call_is_found_with_what_is_around_it(line: str, expected: object) -> None:
    """Outer calls before inner ones; + in a comprehension, ? where it may be left out."""
    found = called(f"async def fn():\n    {line}\n")
    told = [(callee_text(c.node.func), c.in_comprehension, c.conditional) for c in found]
    if isinstance(expected, str):
        assert [n + "+" * often + "?" * maybe for n, often, maybe in told] == expected.split()
    else:
        assert told == expected


COMPOUND = """\
@deco(1)
def fn(a=default()):
    with opened() as f, other():
        pass
    try:
        tried()
    except error():
        caught()
    match subject():
        case 1 if guard():
            matched()
    for x in source():
        looped()
    while asked():
        again()
    class C(base(), k=meta()):
        held = made()
"""


def test_calls_of_compound_statements_stand_in_the_statement_they_belong_to() -> None:
    """Heads stand outside their blocks; the test of a while is asked on each round."""
    found = {callee_text(c.node.func): (c.loops, c.conditional) for c in called(COMPOUND)}
    assert found == {
        **dict.fromkeys(("deco", "default", "opened", "other", "subject", "source"), (0, False)),
        **dict.fromkeys(("base", "meta", "made"), (0, False)),
        **dict.fromkeys(("looped", "asked", "again"), (1, False)),
        **dict.fromkeys(("tried", "caught", "matched"), (0, True)),
        "error": (0, False),
        "guard": (0, False),
    }


def test_the_call_around_a_call_is_told() -> None:
    """Arguments and callees are inside; what stands beside is not."""
    outer, inner, argument, beside = called("a(b)(c()); d()")
    assert (outer.inside, inner.inside, argument.inside) == (None, outer.node, outer.node)
    assert beside.inside is None


@settings(max_examples=30, deadline=None)
@given(modules())
def test_no_call_is_missed_and_none_comes_twice(text: str) -> None:
    """All calls of the tree but those in f-strings and in the signatures of functions."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        assume(False)
    strings = [n for n in ast.walk(tree) if isinstance(n, ast.JoinedStr)]
    hidden = {id(c) for node in strings for c in ast.walk(node)}
    expected = [
        (n.lineno, n.col_offset, ast.dump(n))
        for n in ast.walk(tree)
        if isinstance(n, ast.Call) and id(n) not in hidden
    ]
    segment = Segment(text.encode(), tree.body, in_class=False)
    found = [(c.node.lineno, c.node.col_offset, ast.dump(c.node)) for c in calls_of(segment)]
    assert sorted(found) == sorted(expected)


@settings(max_examples=25, deadline=None)
@given(modules())
def test_no_code_breaks_the_reading_of_calls(text: str) -> None:
    """Whatever parses gives rows that fit their table."""
    try:
        ast.parse(text)
    except SyntaxError:
        assume(False)
    assert all(row["name"] is not None for row in facts(text, "calls"))


def test_a_call_tells_its_arguments() -> None:
    """Keywords in order; what comes starred is not counted."""
    row = calls("self.api.send(a, *b, key=1, other=2, **c)")[0]
    assert (row["callee"], row["name"]) == ("self.api.send", "send")
    assert (row["arguments"], row["keywords"], row["starred"]) == (1, ["key", "other"], True)
    plain = calls("send(a, b)")[0]
    assert (plain["arguments"], plain["keywords"], plain["starred"]) == (2, [], False)


def test_loops_are_those_around_a_call_inside_its_function() -> None:
    """A comprehension is told apart, an iterable runs once, a nested function begins anew."""
    text = of_function(
        """
        for x in once():
            while also():
                def inner():
                    fresh()
                deep([listed(y) for y in twice()])
        """
    )
    found = {r["callee"]: (r["loops"], r["in_comprehension"]) for r in facts(text, "calls")}
    assert found == {
        "once": (0, False),
        "also": (2, False),
        "fresh": (0, False),
        "deep": (2, False),
        "listed": (2, True),
        "twice": (2, False),
    }


def test_calls_of_modules_and_classes_have_no_function() -> None:
    """A module's calls have no qualname, a class body's has the class."""
    text = "setup()\n\nclass C:\n    x = made()\n\n    def m(self):\n        go()\n"
    found = [(r["qualname"], r["callee"]) for r in facts(text, "calls")]
    assert found == [("", "setup"), ("C", "made"), ("C.m", "go")]


NOISE = [
    *("len(x)", "isinstance(a, b)", "'a'.join(x)", "x.strip()", "super().go()", "str(x)"),
    *("log.info('x')", "self.log.debug(x)", "logger.exception(x)", "logging.warning(x)"),
    *("getattr(a, 'b', None)", "d.items()", "print(x)", "f'{g(x)}'", "self._log.error(1)"),
]


@pytest.mark.parametrize("line", NOISE)
def test_calls_that_say_nothing_are_left_out(line: str) -> None:
    """Builtins that only look, pure methods of strings, logging, f-strings."""
    assert [r["callee"] for r in calls(line) if r["callee"] != "super().go"] == []


KEPT = ["audit.log(x)", "self.error(x)", "os.path.join(a)", "thread.join()", "setattr(a, b, 1)"]


@pytest.mark.parametrize("line", KEPT)
def test_calls_that_only_look_like_noise_stay(line: str) -> None:
    """The same method names on what is no logger and no string."""
    assert len(calls(line)) == 1


DELTAS = [
    ("into a loop", "go(x)", "for x in y:\n    go(x)", [("changed", "go")]),
    ("a keyword more", "go(x)", "go(x, all=True)", [("changed", "go")]),
    ("another argument", "go(x)", "go(y)", []),
    ("added", "go(x)", "go(x)\nstop(x)", [("added", "stop")]),
    ("removed", "go(x)\nstop(x)", "go(x)", [("removed", "stop")]),
    ("layout", "go(x, 1)", "go(\n    x,\n    1,\n)", []),
    ("into an if", "go(x)", "if x:\n    go(x)", []),
]


@pytest.mark.parametrize(
    ("before", "after", "expected"), [c[1:] for c in DELTAS], ids=[c[0] for c in DELTAS]
)
def test_a_call_changes_with_its_loops_and_the_way_it_is_called(
    before: str, after: str, expected: list[tuple[str, str]]
) -> None:
    """Loops and the shape of the arguments count; their values and the condition do not."""
    frame = deltas_of({"m.py": of_function(before)}, {"m.py": of_function(after)})["calls"]
    told = [
        (row["change"], (row["after"] or row["before"])["callee"])
        for row in frame.iter_rows(named=True)
    ]
    assert told == expected

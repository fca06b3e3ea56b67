"""The facts about attributes that methods set on their own object or class."""

from __future__ import annotations

import ast
import textwrap

import pytest
from hypothesis import assume, given, settings

from tests.facts import deltas_of, facts
from tests.sources.python_texts import modules


def of_method(body: str, name: str = "m") -> str:
    method = f"def {name}(self, x):\n{textwrap.indent(body, '    ')}\n"
    return f"class C:\n{textwrap.indent(method, '    ')}"


SET = [
    ("self.a = x", [("a", "x", None, False)]),
    ("cls.a = x", [("a", "x", None, False)]),
    ("self.a: int = 1", [("a", "1", "int", False)]),
    ("self.a: dict[str, int]", [("a", None, "dict[str, int]", False)]),
    ("self.a = self.b = None", [("a", "None", None, False), ("b", "None", None, False)]),
    ("self.a, self.b = 1, f(2)", [("a", "1", None, False), ("b", "f(2)", None, False)]),
    ("self.a, y = f()", [("a", "f()", None, False)]),
    ("y, (self.a, self.b) = 1, z", [("a", "z", None, False), ("b", "z", None, False)]),
    (
        "self.a, *self.b = 1, 2, 3",
        [("a", "(1, 2, 3)", None, False), ("b", "(1, 2, 3)", None, False)],
    ),
    ("if x:\n    self.a = 1", [("a", "1", None, True)]),
    ("for y in x:\n    self.a = y", [("a", "y", None, False)]),
    ("setattr(self, 'a', f(x))", [("a", "f(x)", None, False)]),
    ("def g():\n    self.a = 1", [("a", "1", None, False)]),
    ("self.a += 1", []),
    ("self.a.b = 1", []),
    ("self.a['k'] = 1", []),
    ("other.a = 1", []),
    ("setattr(self, x, 1)", []),
    ("setattr(other, 'a', 1)", []),
]


@pytest.mark.parametrize(("body", "expected"), SET)
def test_attributes_that_a_method_sets(body: str, expected: list[tuple[object, ...]]) -> None:
    """Assignments, annotated ones, tuples taken apart, setattr with a name; nothing else."""
    rows = facts(of_method(body), "attributes")
    found = [(r["name"], r["value"], r["annotation"], r["conditional"]) for r in rows]
    assert sorted(found) == expected


def test_attributes_stand_in_their_method_and_only_there() -> None:
    """A function that is no method sets none, whatever its parameter is called."""
    text = of_method("self.a = 1") + "\n\ndef f(self):\n    self.b = 2\n\n\nself.c = 3\n"
    found = [(r["line"], r["qualname"], r["name"]) for r in facts(text, "attributes")]
    assert found == [(3, "C.m", "a")]


def test_a_long_value_is_cut() -> None:
    """At 120 characters."""
    row = facts(of_method(f"self.a = [{', '.join(['item'] * 60)}]"), "attributes")[0]
    assert len(str(row["value"])) == 120


def test_a_field_that_becomes_a_stub_is_a_change_of_its_value() -> None:
    """The same attribute with another value, annotation or condition has changed."""
    before, after = of_method("self.api = Api(x)"), of_method("self.api: Api = Stub()")
    frame = deltas_of({"m.py": before}, {"m.py": after})["attributes"]
    (row,) = frame.iter_rows(named=True)
    assert (row["change"], row["before"]["value"], row["after"]["value"]) == (
        *("changed", "Api(x)", "Stub()"),
    )
    assert deltas_of({"m.py": before}, {"m.py": before + "\n\nX = 1\n"})["attributes"].is_empty()


@settings(max_examples=25, deadline=None)
@given(modules())
def test_no_code_breaks_the_reading_of_attributes(text: str) -> None:
    """Whatever parses gives rows that fit their table."""
    try:
        ast.parse(text)
    except SyntaxError:
        assume(False)
    assert {row["name"] for row in facts(text, "attributes")} <= {*"abcden"}

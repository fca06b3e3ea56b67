"""The facts about exceptions that are raised."""

from __future__ import annotations

import ast

import pytest
from hypothesis import assume, given, settings

from tests.facts import deltas_of, facts, of_function
from tests.sources.python_texts import modules

RAISES = [
    ("raise ValueError('x')", ("ValueError", None, 0)),
    ("raise ValueError", ("ValueError", None, 0)),
    ("raise errors.Gone(1) from e", ("errors.Gone", None, 0)),
    ("raise", (None, None, 0)),
    ("raise self.failure(x)", ("self.failure", None, 0)),
    ("raise make()(x)", ("make()", None, 0)),
    ("if a  and b:\n    go()\n    raise E()", ("E", "a and b", 1)),
    ("if a:\n    pass\nelif b:\n    raise E()", ("E", "b", 0)),
    ("if a:\n    pass\nelse:\n    raise E()", ("E", "not (a)", 0)),
    ("if a:\n    for x in y:\n        raise E()", ("E", "a", 0)),
    ("if a:\n    if b:\n        raise E()", ("E", "b", 0)),
    ("try:\n    go()\nexcept F:\n    raise E()", ("E", None, 0)),
    ("if a:\n    def g():\n        raise E()", ("E", None, 0)),
]


@pytest.mark.parametrize(("body", "expected"), RAISES)
def test_a_raise_tells_its_exception_and_condition(
    body: str, expected: tuple[str | None, str | None, int]
) -> None:
    """The innermost if of the same function counts, negated in its else."""
    (row,) = facts(of_function(body), "raises")
    assert (row["exception"], row["condition"], row["position"]) == expected


def test_raises_stand_in_their_function_or_module() -> None:
    """A method has its class in front; a module has no name."""
    text = "if x:\n    raise A\n\n\nclass C:\n    def m(self):\n        raise B(1)\n"
    found = [(r["line"], r["qualname"], r["exception"]) for r in facts(text, "raises")]
    assert found == [(2, "", "A"), (7, "C.m", "B")]


DELTAS = [
    ("another message", "raise E('a')", "raise E('b')", []),
    ("another exception", "raise E()", "raise F()", ["removed", "added"]),
    ("new condition", "go()", "if ctx is None:\n    raise E()", ["added"]),
    ("moved down", "raise E()", "go()\nraise E()", []),
]


@pytest.mark.parametrize(
    ("before", "after", "expected"), [c[1:] for c in DELTAS], ids=[c[0] for c in DELTAS]
)
def test_a_raise_is_its_exception_under_its_condition(
    before: str, after: str, expected: list[str]
) -> None:
    """Message and place in the block do not count."""
    frame = deltas_of({"m.py": of_function(before)}, {"m.py": of_function(after)})["raises"]
    assert sorted(frame["change"]) == sorted(expected)


@settings(max_examples=25, deadline=None)
@given(modules())
def test_each_raise_gives_one_row(text: str) -> None:
    """Wherever it stands, whatever is raised."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        assume(False)
    expected = sorted(node.lineno for node in ast.walk(tree) if isinstance(node, ast.Raise))
    assert [row["line"] for row in facts(text, "raises")] == expected

"""Random modules that parse, with statements and results of queries among what they hold."""

from __future__ import annotations

import textwrap

from hypothesis import strategies as st

ATOMS = (
    *("x", "y", "self.a", "cls.b", "A.x", "A", "session", "q", "rows", "None", "1", "'s'", "[]"),
    *("select(A)", "select(A, B.x).where(A.x == y)", "session.query(A)", "A.rel", "f'{g(x)}'"),
    *("session.scalar(q)", "session.scalars(q).all()", "delete(A)", "update(A).where(A.x == 1)"),
    *("q.options(joinedload(A.rel).selectinload(B.deep))", "session.get(A, x)", "exists()"),
)
SHAPES = (
    *("{0}({1})", "{0}.m({1}, k={2})", "{0}.rel", "{0}.where({1})", "{0}[{1}]", "not {0}"),
    *("({0} and {1})", "({0} or {1})", "({0} if {1} else {2})", "({0} == {1})", "({0} in {1})"),
    *("[{0} for x in {1} if {2}]", "{{{0}: {1} for x, y in {2}}}", "(lambda x: {0})"),
    *("({0}, {1})", "[{0}, *{1}]", "f({0}, *{1}, **{2})", "len({0})", "(z := {0})", "list({0})"),
    *("(yield {0})", "({0} is None)", "with_row_locks({0}, of={1})", "{0}.first()", "-{0}"),
)
SIMPLE = (
    *("x = {0}", "q = {0}", "rows = {0}", "self.a = {0}", "x, self.b = {0}, {1}", "x: A = {0}"),
    *("self.c: int = {0}", "self.c: int", "x += {0}", "{0}", "return {0}", "raise E({0}) from {1}"),
    *(
        "raise",
        "assert {0}, {1}",
        "setattr(self, 'n', {0})",
        "del x",
        "q = aliased(A)",
        "a, *b = {0}",
    ),
    *("(x)[{0}] = {1}", "pass", "import os", "global g", "[self.d, (self.e, *x)] = {0}"),
)
COMPOUND = (
    *("if {0}:\n{1}\nelse:\n{2}", "for x in {0}:\n{1}\nelse:\n{2}", "while {0}:\n{1}"),
    *(
        "with {0} as x:\n{1}",
        "try:\n{1}\nexcept E:\n{2}\nfinally:\n{1}",
        "def f(self, a={0}):\n{1}",
    ),
    *("match {0}:\n    case 1 if {0}:\n{1}\n    case _:\n{2}", "class C(B):\n{1}\n{2}"),
    "async def g(x):\n{1}\n    async for y in {0}:\n        await x(y)",
)


def expressions() -> st.SearchStrategy[str]:
    """Source of an expression."""
    return st.recursive(
        st.sampled_from(ATOMS),
        lambda inner: st.builds(
            lambda shape, parts: shape.format(*parts),
            st.sampled_from(SHAPES),
            st.tuples(inner, inner, inner),
        ),
        max_leaves=6,
    )


def blocks() -> st.SearchStrategy[str]:
    """Source of statements."""
    simple = st.builds(
        lambda shape, parts: shape.format(*parts),
        st.sampled_from(SIMPLE),
        st.tuples(expressions(), expressions()),
    )
    return st.recursive(
        simple,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=4).map("\n".join),
            st.builds(_compound, st.sampled_from(COMPOUND), expressions(), inner, inner),
        ),
        max_leaves=8,
    )


def modules() -> st.SearchStrategy[str]:
    """Source of a module with a function, and of a class with a method, that hold such blocks."""
    return st.builds(
        lambda top, body, method: (
            f"{top}\n\ndef f(session, x):\n{_in(body)}\n\n"
            f"class A:\n    def m(self):\n{_in(_in(method))}\n"
        ),
        *(blocks(), blocks(), blocks()),
    )


def _compound(shape: str, expression: str, first: str, second: str) -> str:
    deeper = shape.startswith("match")
    blocks = [_in(_in(part) if deeper else part) for part in (first, second)]
    return shape.format(expression, *blocks)


def _in(block: str) -> str:
    return textwrap.indent(block, "    ")

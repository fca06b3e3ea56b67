"""Guards: early exits from a function or loop, and what they skip."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.sources.python_facts.syntax import (
    COMPREHENSIONS,
    DEFINITIONS,
    FUNCTIONS,
    LOOPS,
    Definition,
    Segment,
    Statement,
    children,
)

EXITS: dict[type[ast.AST], str] = {
    ast.Return: "return",
    ast.Continue: "continue",
    ast.Break: "break",
    ast.Raise: "raise",
}
KINDS = ("query", "call", "loop", "yield")
QUERY_METHODS = frozenset({"scalar", "scalars", "execute", "query", "exec_driver_sql"})
QUERY_FUNCTIONS = frozenset({"select", "exists"})
# `get` asks the database only on these.
CONNECTIONS = ("session", "connection", "conn", "cursor")
# What stands in these is another function's, or has no reliable place (f-strings).
CLOSED = frozenset({*DEFINITIONS, ast.Lambda, ast.JoinedStr, ast.Constant, ast.Name})
MARKED: dict[type[ast.AST], str] = {
    **dict.fromkeys(LOOPS, "loop"),
    **dict.fromkeys(COMPREHENSIONS, "loop"),
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
}

Row = tuple[object, ...]
Marks = dict[str, list[int]]


def visit(segment: Segment) -> Iterator[Row]:
    """Rows of the ``guards`` family: ifs and elifs of functions whose body ends in an exit."""
    marks: dict[int, Marks] = {}
    for node, statement in segment.of(ast.If):
        scope = statement.scope
        if node.body[-1].__class__ not in EXITS or not isinstance(scope.node, FUNCTIONS):
            continue
        known = marks.get(id(scope))
        if known is None:
            known = marks[id(scope)] = marks_of(scope.node)
        yield (
            scope.qualname,
            segment.line(node),
            segment.written(node.test),
            _exit_of(node.body),
            _position(statement),
            statement.loops,
            _skipped(statement, scope.node, known),
        )


def _exit_of(body: list[ast.stmt]) -> str:
    before = body[-2] if len(body) > 1 else None
    yields = isinstance(before, ast.Expr) and isinstance(before.value, ast.Yield | ast.YieldFrom)
    how = EXITS[body[-1].__class__]
    return "yield-return" if yields and how == "return" else how


def _position(statement: Statement) -> int:
    """Rank in its block of the if that an elif belongs to."""
    above = statement.above
    while above is not None and statement.branch == "orelse" and isinstance(above.node, ast.If):
        if len(above.node.orelse) > 1:
            break
        statement, above = above, above.above
    return statement.position


def _skipped(statement: Statement, function: Definition, marks: Marks) -> list[str]:
    node = statement.node
    assert isinstance(node, ast.If)
    leave = node.body[-1]
    around: ast.stmt = function
    if isinstance(leave, ast.Continue | ast.Break):
        inner, above = statement, statement.above
        while above is not None:
            if isinstance(above.node, LOOPS) and inner.branch == "body":
                around = above.node
                break
            inner, above = above, above.above
    first, last = leave.end_lineno or 0, around.end_lineno or 0
    return [kind for kind in KINDS if any(first < line <= last for line in marks[kind])]


def marks_of(function: Definition) -> Marks:
    """Lines at which queries, calls, loops and yields of a function stand."""
    marks: Marks = {kind: [] for kind in KINDS}
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        cls = node.__class__
        if cls in CLOSED:
            continue
        if isinstance(node, ast.Call):
            marks["call"].append(node.lineno)
            if _is_query(node):
                marks["query"].append(node.lineno)
        elif cls in MARKED:
            marks[MARKED[cls]].append(getattr(node, "lineno", 0))
        pending += children(node)
    return marks


def _is_query(node: ast.Call) -> bool:
    function = node.func
    if isinstance(function, ast.Name):
        return function.id in QUERY_FUNCTIONS
    if not isinstance(function, ast.Attribute):
        return False
    if function.attr in QUERY_METHODS:
        return True
    receiver = function.value
    name = receiver.id if isinstance(receiver, ast.Name) else getattr(receiver, "attr", "")
    return function.attr == "get" and str(name).lower().endswith(CONNECTIONS)

"""Every call of a segment with where it stands: found in one walk that several visitors share."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple
from weakref import WeakKeyDictionary

from workbench.sources.python_facts.syntax import (
    BLOCKS,
    COMPREHENSIONS,
    Segment,
    Statement,
    children,
    simple_text,
)

_kept: WeakKeyDictionary[Segment, list[Called]] = WeakKeyDictionary()


class Called(NamedTuple):
    """A call, the statement it stands in, and what is around it inside that statement.

    ``conditional`` is true when the call may be left out: under an if, try or match, in a branch of
    a conditional expression, or behind ``and`` and ``or``. ``inside`` is the call that it is an
    argument or the callee of.
    """

    node: ast.Call
    statement: Statement
    in_comprehension: bool
    conditional: bool
    inside: ast.Call | None


def calls_of(segment: Segment) -> list[Called]:
    """Calls of a segment in the order of its statements, outer calls before inner ones."""
    found = _kept.get(segment)
    if found is None:
        found = _kept[segment] = list(_found(segment)) if b"(" in segment.text else []
    return found


def callee_text(node: ast.expr) -> str:
    """Dotted name of what is called; a call inside it reads ``()``, a subscript ``[]``."""
    if (simple := simple_text(node)) is not None and not isinstance(node, ast.Constant):
        return simple
    if isinstance(node, ast.Attribute):
        return f"{callee_text(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{callee_text(node.func)}()"
    if isinstance(node, ast.Subscript):
        return f"{callee_text(node.value)}[]"
    if isinstance(node, ast.Await):
        return callee_text(node.value)
    if isinstance(node, ast.Constant):
        return type(node.value).__name__
    return "?"


def _found(segment: Segment) -> Iterator[Called]:
    for statement in segment.statements():
        yield from _in(statement)


def _in(statement: Statement) -> Iterator[Called]:
    pending: list[tuple[ast.AST, bool, bool, ast.Call | None]] = [
        (part, False, statement.conditional, None) for part in reversed(_own_parts(statement.node))
    ]
    while pending:
        node, in_comprehension, conditional, inside = pending.pop()
        if isinstance(node, ast.Call):
            yield Called(node, statement, in_comprehension, conditional, inside)
            inside = node
        if isinstance(node, COMPREHENSIONS):
            first, *rest = node.generators
            # The first iterable is evaluated once, all else for each item.
            pending.append((first.iter, in_comprehension, conditional, inside))
            often: list[ast.AST] = [*first.ifs, *rest, *_made(node)]
            pending += [(part, True, conditional, inside) for part in often]
            continue
        maybe: list[ast.AST] = []
        if isinstance(node, ast.IfExp):
            maybe = [node.body, node.orelse]
        elif isinstance(node, ast.BoolOp):
            maybe = [*node.values[1:]]
        for part in reversed(children(node)):
            pending.append((part, in_comprehension, conditional or part in maybe, inside))


def _made(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.DictComp):
        return [node.key, node.value]
    return [node.elt]  # type: ignore[attr-defined]


def _own_parts(node: ast.stmt) -> list[ast.AST]:
    """Parts of a statement that are no statements of their own."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        given = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
        return [*node.decorator_list, *given]
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    if node.__class__ not in BLOCKS:
        return children(node)
    if isinstance(node, ast.Match):
        return [node.subject, *(case.guard for case in node.cases if case.guard)]
    if isinstance(node, ast.Try | ast.TryStar):
        return [handler.type for handler in node.handlers if handler.type]
    return [
        part
        for name in node._fields
        if name not in BLOCKS[node.__class__]
        for part in _parts(getattr(node, name))
    ]


def _parts(value: object) -> list[ast.AST]:
    if isinstance(value, ast.AST):
        return [value]
    return [part for part in value if isinstance(part, ast.AST)] if isinstance(value, list) else []

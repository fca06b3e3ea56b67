"""Attributes that methods set on their own object or class: ``self.x = ...``, ``cls.x: T = ...``.

A tuple is taken apart where both sides are written out. ``setattr(self, "x", ...)`` counts when
the name is written out; an augmented assignment does not, because it sets nothing new.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.sources.python_facts.syntax import Scope, Segment, Statement

VALUE_KEPT = 120  # characters
OWN = frozenset({"self", "cls"})

Row = tuple[object, ...]
Setting = tuple[str, ast.expr | None]


def visit(segment: Segment) -> Iterator[Row]:
    """Rows of the ``attributes`` family."""
    text = segment.text
    if b"self." in text or b"cls." in text:
        for node, statement in segment.of(ast.Assign):
            for target in node.targets:
                if target.__class__ is ast.Name:
                    continue
                for name, value in _set_by(target, node.value):
                    yield from _row(segment, statement, name, value=value)
        for node, statement in segment.of(ast.AnnAssign):
            for name, value in _set_by(node.target, node.value):
                written = segment.written(node.annotation)
                yield from _row(segment, statement, name, value=value, annotation=written)
    if b"setattr(" in text:
        for node, statement in segment.of(ast.Expr):
            for name, value in _by_setattr(node.value):
                yield from _row(segment, statement, name, value=value)


def _row(
    segment: Segment,
    statement: Statement,
    name: str,
    *,
    value: ast.expr | None,
    annotation: str | None = None,
) -> Iterator[Row]:
    if _in_method(statement.scope):
        yield (
            statement.scope.qualname,
            segment.line(statement.node),
            name,
            segment.written(value)[:VALUE_KEPT] if value is not None else None,
            annotation,
            statement.conditional,
        )


def _set_by(target: ast.expr, value: ast.expr | None) -> Iterator[Setting]:
    if isinstance(target, ast.Attribute):
        if isinstance(target.value, ast.Name) and target.value.id in OWN:
            yield target.attr, value
    elif isinstance(target, ast.Tuple | ast.List):
        apart = (
            isinstance(value, ast.Tuple | ast.List)
            and len(value.elts) == len(target.elts)
            and not any(isinstance(part, ast.Starred) for part in (*target.elts, *value.elts))
        )
        values = value.elts if apart else [value] * len(target.elts)  # type: ignore[union-attr]
        for part, given in zip(target.elts, values, strict=True):
            yield from _set_by(part, given)
    elif isinstance(target, ast.Starred):
        yield from _set_by(target.value, value)


def _by_setattr(node: ast.expr) -> Iterator[Setting]:
    match node:
        case ast.Call(
            func=ast.Name(id="setattr"),
            args=[ast.Name(id=own), ast.Constant(value=str(name)), value],
        ) if own in OWN:
            yield name, value


def _in_method(scope: Scope | None) -> bool:
    """Whether a scope is a method or stands in one."""
    while scope is not None and scope.kind == "function":
        scope = scope.above
        if scope is not None and scope.kind == "class":
            return True
    return False

"""Attributes that methods set on their own object or class: ``self.x = ...``, ``cls.x: T = ...``.

A tuple is taken apart where both sides are written out. ``setattr(self, "x", ...)`` counts when
the name is written out; an augmented assignment does not, because it sets nothing new.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from workbench.sources.python_facts.syntax import Scope, Segment, Statement

VALUE_KEPT = 120  # characters
OWN = frozenset({"self", "cls"})

Row = tuple[object, ...]
Setting = tuple[str, ast.expr | None]


def visit(segment: Segment) -> list[Row]:
    """Rows of the ``attributes`` family."""
    text = segment.text
    rows: list[Row] = []
    if b"self." in text or b"cls." in text:
        for node, statement in segment.of(ast.Assign):
            for target in node.targets:
                if target.__class__ is not ast.Name:
                    _add(rows, segment, statement, _set_by(target, node.value))
        for node, statement in segment.of(ast.AnnAssign):
            if node.target.__class__ is not ast.Name:
                _add(rows, segment, statement, _set_by(node.target, node.value))
    if b"setattr(" in text:
        for node, statement in segment.of(ast.Expr):
            _add(rows, segment, statement, _by_setattr(node.value))
    return rows


def _add(
    rows: list[Row], segment: Segment, statement: Statement, settings: Iterable[Setting]
) -> None:
    if not _in_method(statement.scope):
        return
    node = statement.node
    annotation = segment.written(node.annotation) if isinstance(node, ast.AnnAssign) else None
    for name, value in settings:
        written = segment.written(value)[:VALUE_KEPT] if value is not None else None
        rows.append(
            (
                statement.scope.qualname,
                segment.line(node),
                name,
                written,
                annotation,
                statement.conditional,
            )
        )


def _set_by(target: ast.expr, value: ast.expr | None) -> Iterable[Setting]:
    if isinstance(target, ast.Attribute):
        own = isinstance(target.value, ast.Name) and target.value.id in OWN
        return [(target.attr, value)] if own else []
    if isinstance(target, ast.Starred):
        return _set_by(target.value, value)
    if not isinstance(target, ast.Tuple | ast.List):
        return []
    apart = (
        isinstance(value, ast.Tuple | ast.List)
        and len(value.elts) == len(target.elts)
        and not any(isinstance(part, ast.Starred) for part in (*target.elts, *value.elts))
    )
    values = value.elts if apart else [value] * len(target.elts)  # type: ignore[union-attr]
    pairs = zip(target.elts, values, strict=True)
    return [setting for part, given in pairs for setting in _set_by(part, given)]


def _by_setattr(node: ast.expr) -> list[Setting]:
    match node:
        case ast.Call(
            func=ast.Name(id="setattr"),
            args=[ast.Name(id=own), ast.Constant(value=str(name)), value],
        ) if own in OWN:
            return [(name, value)]
    return []


def _in_method(scope: Scope | None) -> bool:
    """Whether a scope is a method or stands in one."""
    while scope is not None and scope.kind == "function":
        scope = scope.above
        if scope is not None and scope.kind == "class":
            return True
    return False

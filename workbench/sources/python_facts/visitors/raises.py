"""Raises: which exception a function raises, and under which condition."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.sources.python_facts.called import callee_text
from workbench.sources.python_facts.syntax import Segment, Statement

Row = tuple[object, ...]


def visit(segment: Segment) -> Iterator[Row]:
    """Rows of the ``raises`` family."""
    for node, statement in segment.of(ast.Raise):
        yield (
            statement.scope.qualname,
            segment.line(node),
            _exception(node.exc),
            _condition(segment, statement),
            statement.position,
        )


def _exception(node: ast.expr | None) -> str | None:
    if node is None:
        return None
    return callee_text(node.func if isinstance(node, ast.Call) else node)


def _condition(segment: Segment, statement: Statement) -> str | None:
    inner, above = statement, statement.above
    while above is not None:
        if isinstance(above.node, ast.If):
            test = segment.written(above.node.test)
            return test if inner.branch == "body" else f"not ({test})"
        inner, above = above, above.above
    return None

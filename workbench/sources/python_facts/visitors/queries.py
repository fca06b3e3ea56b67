"""Queries: each SQLAlchemy statement of a function, and what is done with what it loads.

A statement that is built step by step (``query = select(A)``; ``query = query.where(...)``) is one
fact where it begins, with the terms of every branch; a subquery inside another statement is part of
that one. A loop around the place where it is executed counts.

Limits: what another function adds to a statement, or does with an object it is given, is not seen
(the use is then ``passed``); options and terms that stand in a variable are not read; a name is
taken for a model when it is written like a class; an expression that is nested hundreds deep ends
the reading of its function.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from contextlib import suppress

from workbench.sources.python_facts.called import calls_of
from workbench.sources.python_facts.syntax import Segment
from workbench.sources.python_facts.visitors.query_flow import QueryFlow
from workbench.sources.python_facts.visitors.query_held import Env
from workbench.sources.python_facts.visitors.query_roots import BEGINNERS, may_begin

NAMES = BEGINNERS | {"query", "get"}

Row = tuple[object, ...]


def visit(segment: Segment) -> list[Row]:
    """Rows of the ``queries`` family."""
    lines = []
    for called in calls_of(segment):
        function = called.node.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", None)
        if name in NAMES and may_begin(called.node):
            lines.append(called.node.lineno)
    if not lines:
        return []
    lines.sort()
    flow = QueryFlow(segment)
    env: Env = {}
    for node in _parts_with(segment, lines):
        # What was found before an expression that is nested too deeply stays.
        with suppress(RecursionError):
            flow.walk([node], env)
    return [query.row() for query in flow.queries]


def _parts_with(segment: Segment, lines: list[int]) -> list[ast.stmt]:
    """Statements at the segment's own level that hold one of these lines, in order."""
    root = segment.scopes[0]
    found = []
    for statement in segment.statements():
        if statement.scope is root and statement.above is None:
            node = statement.node
            at = bisect_left(lines, node.lineno)
            if at < len(lines) and lines[at] <= (node.end_lineno or 0):
                found.append(node)
    return sorted(found, key=lambda node: node.lineno)

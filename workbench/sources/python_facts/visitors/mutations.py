"""Mutations: in-place changes of what a function was given, of its object and of module state.

Names are followed in statement order: through aliases, tuple unpacking, ``for`` and ``with``
targets, walrus, branches (either may have been taken) and closures. A parameter that is bound to
a new object (``ctx = copy(ctx)``, ``deps = ctx.deps | {...}``) is the caller's no more; one that
is only given a fallback (``ctx = ctx or Ctx()``) still is.

An attribute that a method sets on its own object is no fact here, nor is a call of its own
method, nor a change of ``**kwargs`` itself, which is new for each call. Module-level statements
are not read: they run once.

Limits: an object handed to another function or kept in another object is not followed; results of
calls count as new objects, except for ``getattr``, ``get``, ``setdefault``, ``cast``, ``vars`` and
``next``; a name bound at the end of a loop is not carried to its next round; names captured by
``match`` are not followed; whether ``x += y`` changes x in place is told from the operator and y.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterator

from workbench.sources.python_facts.syntax import FUNCTIONS, Scope, Segment
from workbench.sources.python_facts.visitors.flow import Flow
from workbench.sources.python_facts.visitors.mutators import (
    IN_PLACE_OPERATOR,
    MUTATING_ATTRIBUTE,
    MUTATING_NAME,
    TELLTALES,
)

STORING = (ast.AugAssign, ast.Delete, ast.Global, ast.Nonlocal)

Row = tuple[object, ...]


def visit(segment: Segment) -> Iterator[Row]:
    """Rows of the ``mutations`` family, of every function that may change something."""
    lines = candidate_lines(segment)
    storing = storing_functions(segment)
    for scope in segment.scopes:
        function = scope.node
        if scope is not outermost(scope) or not isinstance(function, FUNCTIONS):
            continue
        first = bisect_left(lines, function.lineno)
        called = first < len(lines) and lines[first] <= (function.end_lineno or 0)
        if called or scope in storing:
            flow = Flow(segment, lines)
            around = scope.above
            in_class = around is not None and around.kind == "class"
            flow.enter(function, scope.qualname, in_class=in_class)
            yield from flow.rows


def candidate_lines(segment: Segment) -> list[int]:
    """Lines on which a mutating name or a walrus stands; only these need a deep look."""
    text = segment.text
    at = [match.start() for match in MUTATING_ATTRIBUTE.finditer(text)]
    if _calls_by_name(text):
        at += [match.start() for match in MUTATING_NAME.finditer(text)]
        at.sort()
    found, line, counted = [], 1, 0
    for start in at:
        line += text.count(b"\n", counted, start)
        counted = start
        found.append(line)
    return found


def _calls_by_name(text: bytes) -> bool:
    for name in TELLTALES:  # a generator would cost more than the search
        if name in text:
            return True
    return IN_PLACE_OPERATOR.search(text) is not None


def outermost(scope: Scope) -> Scope | None:
    """The function around a scope that stands in no other function."""
    found: Scope | None = None
    inside: Scope | None = scope
    while inside is not None:
        if inside.kind == "function":
            found = inside
        inside = inside.above
    return found


def storing_functions(segment: Segment) -> set[Scope | None]:
    """Outermost functions that may change an object without a call."""
    found = {outermost(statement.scope) for _, statement in segment.of(*STORING)}
    for node, statement in segment.of(ast.Assign):
        if not all(_plain(target) for target in node.targets):
            found.add(outermost(statement.scope))
    for node, statement in segment.of(ast.AnnAssign, ast.For, ast.AsyncFor):
        if not _plain(node.target):
            found.add(outermost(statement.scope))
    return found


def _plain(target: ast.expr) -> bool:
    """A name, an attribute of self, or a tuple of them: nothing to record."""
    if isinstance(target, ast.Name):
        return True
    if isinstance(target, ast.Attribute):
        return isinstance(target.value, ast.Name) and target.value.id == "self"
    return isinstance(target, ast.Tuple) and all(_plain(part) for part in target.elts)

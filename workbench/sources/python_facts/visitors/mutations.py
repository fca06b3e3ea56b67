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
from workbench.sources.python_facts.visitors.mutators import CANDIDATE

REBINDING = (ast.AugAssign, ast.Delete, ast.Global, ast.Nonlocal)

Row = tuple[object, ...]


def visit(segment: Segment) -> Iterator[Row]:
    """Rows of the ``mutations`` family, of every function that may change something."""
    lines = candidate_lines(segment)
    for scope, inner in outermost_functions(segment):
        function = scope.node
        assert isinstance(function, FUNCTIONS)
        first = bisect_left(lines, function.lineno)
        called = first < len(lines) and lines[first] <= (function.end_lineno or 0)
        if called or any(_stores(s.node) for each in inner for s in each.statements):
            flow = Flow(segment, lines)
            around = scope.above
            in_class = around is not None and around.kind == "class"
            flow.enter(function, scope.qualname, in_class=in_class)
            yield from flow.rows


def candidate_lines(segment: Segment) -> list[int]:
    """Lines on which a mutating name or a walrus stands; only these need a deep look."""
    found, line, counted = [], 1, 0
    for match in CANDIDATE.finditer(segment.text):
        line += segment.text.count(b"\n", counted, match.start())
        counted = match.start()
        found.append(line)
    return found


def outermost_functions(segment: Segment) -> Iterator[tuple[Scope, list[Scope]]]:
    """Functions that stand in no other function, each with all scopes in it, itself first."""
    inner: list[Scope] = []
    for scope in segment.scopes:
        if inner and _within(scope, inner[0]):
            inner.append(scope)
            continue
        if inner:
            yield inner[0], inner
        inner = [scope] if isinstance(scope.node, FUNCTIONS) else []
    if inner:
        yield inner[0], inner


def _within(scope: Scope, outer: Scope) -> bool:
    above = scope.above
    while above is not None and above is not outer:
        above = above.above
    return above is outer


def _stores(node: ast.stmt) -> bool:
    """Whether a statement may change an object without a call."""
    if isinstance(node, ast.Assign):
        return any(not _plain(target) for target in node.targets)
    if isinstance(node, ast.AnnAssign):
        return not _plain(node.target)
    if isinstance(node, ast.For | ast.AsyncFor):
        return not _plain(node.target)
    return isinstance(node, REBINDING)


def _plain(target: ast.expr) -> bool:
    """A name, an attribute of self, or a tuple of them: nothing to record."""
    if isinstance(target, ast.Name):
        return True
    if isinstance(target, ast.Attribute):
        return isinstance(target.value, ast.Name) and target.value.id == "self"
    return isinstance(target, ast.Tuple) and all(_plain(part) for part in target.elts)

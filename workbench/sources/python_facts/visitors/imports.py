"""Imports, wherever they stand, with what guards them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from workbench.sources.python_facts.syntax import TRIES, Scope, Segment, Statement

VERSION = re.compile(r"version|_V_?\d|PY_?[23]\d*\b|_PLUS\b", re.IGNORECASE)
GUARDS = ("type-checking", "try", "version-check", "in-function", "none")  # strongest first

Row = tuple[object, ...]


def visit(segment: Segment) -> Iterator[Row]:
    """Rows of the ``imports`` family; relative modules keep their leading dots."""
    for node, statement in segment.of(ast.Import, ast.ImportFrom):
        guard = guard_of(segment, statement)
        line = segment.line(node)
        for module, name, alias in bindings(node):
            yield statement.scope.qualname, line, module, name, alias, guard


def bindings(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str | None, str]]:
    """Module, imported name and the name it is bound to, for each alias."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name, None, alias.asname or alias.name.partition(".")[0]
    else:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            yield module, alias.name, alias.asname or alias.name


def guard_of(segment: Segment, statement: Statement) -> str:
    """Strongest of what guards an import: type-checking, try, version-check, in-function."""
    found = {"none"}
    inside: Scope | None = statement.scope
    while inside is not None:
        if inside.kind == "function":
            found.add("in-function")
        inside = inside.above
    inner, above = statement, statement.above
    while above is not None:
        if isinstance(above.node, ast.If):
            found.add(_guard_of_test(segment.written(above.node.test), inner.branch))
        elif isinstance(above.node, TRIES) and inner.branch != "finalbody":
            found.add("try")
        inner, above = above, above.above
    return next(guard for guard in GUARDS if guard in found)


def _guard_of_test(test: str, branch: str) -> str:
    name = test.removeprefix("not ")
    if name.rpartition(".")[2] == "TYPE_CHECKING":
        only_checked = (name == test) == (branch == "body")
        return "type-checking" if only_checked else "none"
    return "version-check" if VERSION.search(test) else "none"

"""Hooks: specifications and implementations, what plugins offer, handlers of logging tables."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from workbench.sources.python_facts.syntax import FUNCTIONS, Segment
from workbench.sources.python_facts.visitors.definitions import assigned_names
from workbench.sources.python_facts.visitors.parameters import parameters_of

HOOKS = frozenset({"hookspec", "hookimpl"})
FACTORY = re.compile(rb"class[\"']")
DECORATOR = re.compile(rb"hook(?:spec|impl)")
OWN = ("self", "cls")

Row = tuple[object, ...]


def visit(segment: Segment) -> Iterable[Row]:
    """Rows of the ``hooks`` family; a hook's qualname is its function's, an attribute's its class.

    The attributes that stand below a class's first method are not seen: their segment does not
    know the class.
    """
    text = segment.text
    found: list[Row] = []
    if b"@" in text and DECORATOR.search(text):
        found += _decorated(segment)
    if b"Plugin" in text:
        found += _plugin_attributes(segment)
    if FACTORY.search(text) and b"handlers" in text.lower():
        found += _handlers(segment)
    return found


def _decorated(segment: Segment) -> Iterator[Row]:
    for node, statement in segment.of(*FUNCTIONS):
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            kind = _last_part(called)
            if kind in HOOKS:
                names = [arg.arg for arg, _, _ in parameters_of(node.args)]
                if statement.scope.kind == "class" and names[:1] and names[0] in OWN:
                    del names[0]
                qualname = statement.scope.named(node.name)
                line = segment.line(node)
                yield qualname, line, kind, _specified(decorator) or node.name, names


def _specified(decorator: ast.expr) -> str | None:
    """The hook that an implementation under another name is for."""
    if isinstance(decorator, ast.Call):
        for keyword in decorator.keywords:
            if keyword.arg == "specname":
                return _text(keyword.value)
    return None


def _plugin_attributes(segment: Segment) -> Iterator[Row]:
    for node, statement in segment.of(ast.Assign, ast.AnnAssign):
        owner = statement.scope.node
        if isinstance(owner, ast.ClassDef) and _is_plugin(owner):
            for name in assigned_names(node):
                yield statement.scope.qualname, segment.line(name), "plugin-attribute", name.id, []


def _is_plugin(node: ast.ClassDef) -> bool:
    names = [node.name, *(_last_part(base) for base in node.bases)]
    return any(name.endswith("Plugin") for name in names)


def _handlers(segment: Segment) -> Iterator[Row]:
    for node, statement in segment.of(ast.Assign, ast.AnnAssign, ast.Return, ast.Expr):
        if node.value is None:
            continue
        tables = [*_tables_below(node.value)]
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
            bound = [*assigned_names(node)]
            if bound and bound[0].id.lower().endswith("handlers"):
                tables.append(node.value)
        for table in tables:
            for key, value in zip(table.keys, table.values, strict=True):
                name, factory = _text(key), _factory(segment, value)
                if key is not None and name is not None and factory is not None:
                    line = segment.line(key)
                    yield statement.scope.qualname, line, "handler-factory", name, [factory]


def _tables_below(node: ast.expr) -> Iterator[ast.Dict]:
    """Dict displays that stand under a key ``handlers``."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Dict):
            for key, value in zip(inner.keys, inner.values, strict=True):
                if isinstance(value, ast.Dict) and _text(key) == "handlers":
                    yield value


def _factory(segment: Segment, node: ast.expr) -> str | None:
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if _text(key) == "class":
                return _text(value) or segment.written(value)
    return None


def _last_part(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.expr | None) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None

"""Exports: the public names a module offers, by what makes them available."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.sources.python_facts.syntax import (
    DEFINITIONS,
    Segment,
    Statement,
    simple_text,
)
from workbench.sources.python_facts.visitors.definitions import assigned_names, is_public
from workbench.sources.python_facts.visitors.imports import bindings, guard_of
from workbench.sources.python_facts.visitors.lazy_exports import lazy_names

# Names that the import system or a module's own machinery reads; nobody imports them.
MACHINERY = frozenset({"__all__", "__getattr__", "__dir__", "__path__", "__file__", "__doc__"})
OFFERING: tuple[type[ast.stmt], ...] = (
    *DEFINITIONS,
    *(ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr),
)

Row = tuple[object, ...]


def visit(segment: Segment) -> Iterator[Row]:
    """Rows of the ``exports`` family: a segment in a class offers nothing."""
    module = segment.scopes[0]
    if module.kind != "module":
        return
    for node, statement in segment.of(*OFFERING):
        if statement.scope is not module or _only_for_type_checkers(segment, statement):
            continue
        for name, how, target, place in _offered(node):
            if name == "*" or (is_public(name) and name not in MACHINERY):
                yield name, segment.line(place), name, how, target
    for name, target, place in lazy_names(segment):
        yield name, segment.line(place), name, "lazy", target


def _only_for_type_checkers(segment: Segment, statement: Statement) -> bool:
    return statement.above is not None and guard_of(segment, statement) == "type-checking"


Offer = tuple[str, str, str | None, ast.stmt | ast.expr]


def _offered(node: ast.stmt) -> Iterator[Offer]:
    if isinstance(node, DEFINITIONS):
        yield node.name, "definition", None, node
    elif isinstance(node, ast.Import | ast.ImportFrom):
        for module, name, alias in bindings(node):
            yield alias, "reexport", _target(module, name, alias), node
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        value = node.value
        if value is None:
            return  # an annotation binds nothing
        leads_to = simple_text(value) if isinstance(value, ast.Name | ast.Attribute) else None
        whole = node.targets if isinstance(node, ast.Assign) else [node.target]
        for bound in assigned_names(node):
            if bound.id == "__all__":
                yield from _listed(value)
            else:
                yield bound.id, "assignment", leads_to if bound in whole else None, bound
    elif isinstance(node, ast.AugAssign) and simple_text(node.target) == "__all__":
        yield from _listed(node.value)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield from _listed_by_call(node.value)


def _listed_by_call(node: ast.Call) -> Iterator[Offer]:
    if simple_text(node.func) in ("__all__.extend", "__all__.append"):
        for argument in node.args:
            yield from _listed(argument)


def _target(module: str, name: str | None, alias: str) -> str:
    if name is None:
        # `import a.b` binds a; `import a.b as c` binds a.b.
        return alias if module.partition(".")[0] == alias else module
    if name == "*":
        return module
    return f"{module}{name}" if module.endswith(".") else f"{module}.{name}"


def _listed(node: ast.expr | None) -> Iterator[Offer]:
    """Names in what is assigned to ``__all__``: lists, tuples, sums of them."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, "all", None, node
    elif isinstance(node, ast.List | ast.Tuple | ast.Set):
        for element in node.elts:
            yield from _listed(element)
    elif isinstance(node, ast.BinOp):
        yield from _listed(node.left)
        yield from _listed(node.right)

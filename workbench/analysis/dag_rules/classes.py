"""Classes of a DAG file, and which function runs where a task is handed one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.analysis.dag_rules.modules import Function, Module
from workbench.analysis.dag_rules.words import BASE_OPERATOR, MIXIN, OPERATOR

PARTIALS = frozenset({"functools.partial", "functools.partialmethod"})
OWN = frozenset({"self", "cls"})


def bases(module: Module, node: ast.ClassDef) -> Iterator[str | ast.ClassDef]:
    """Every class that a class of the file builds on: dotted names, and classes of the file."""
    seen = {node.name}
    todo = list(node.bases)
    while todo:
        dotted = module.dotted(todo.pop(0))
        own = module.classes.get(dotted)
        if own is None:
            yield dotted
        elif own.name not in seen:
            seen.add(own.name)
            yield own
            todo += own.bases


def is_operator(module: Module, node: ast.ClassDef) -> bool:
    """Whether a class of the file is an operator or a sensor."""
    names = [b for b in bases(module, node) if isinstance(b, str)]
    return any(
        OPERATOR.search(n) or BASE_OPERATOR.fullmatch(n) or MIXIN.fullmatch(n) for n in names
    )


def method(module: Module, node: ast.ClassDef, name: str) -> Function | None:
    """A method of a class of the file, or of what it builds on in the file."""
    for owner in (node, *(b for b in bases(module, node) if isinstance(b, ast.ClassDef))):
        for item in owner.body:
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name == name:
                return item
    return None


def class_constant(module: Module, node: ast.ClassDef, name: str) -> ast.Constant | None:
    """A constant that a class of the file, or what it builds on there, names in its body."""
    for owner in (node, *(b for b in bases(module, node) if isinstance(b, ast.ClassDef))):
        for item in owner.body:
            targets = item.targets if isinstance(item, ast.Assign) else []
            if isinstance(item, ast.AnnAssign):
                targets = [item.target]
            if any(isinstance(t, ast.Name) and t.id == name for t in targets):
                value = getattr(item, "value", None)
                return value if isinstance(value, ast.Constant) else None
    return None


def callee(module: Module, node: ast.expr) -> tuple[Function, ast.ClassDef | None] | None:
    """The function of the file that an argument stands for, with the class that it belongs to.

    Followed are names, methods of the class around and of objects made in the file,
    ``functools.partial``, and a lambda, which is given as a function that returns.
    """
    match node:
        case ast.Call(func=func, args=[first, *_]) if module.dotted(func) in PARTIALS:
            return callee(module, first)
        case ast.Lambda(args=arguments, body=body):
            given = ast.copy_location(ast.Return(value=body), body)
            made = ast.parse("def unnamed(): ...").body[0]
            assert isinstance(made, ast.FunctionDef)
            made.args, made.body = arguments, [given]
            return ast.copy_location(made, node), None
        case ast.Attribute(value=value, attr=name):
            home = _home(module, value)
            found = method(module, home, name) if home is not None else None
            if found is not None:
                return found, home
    named = module.functions.get(module.dotted(node))
    return None if named is None else (named, None)


def _home(module: Module, node: ast.expr) -> ast.ClassDef | None:
    """The class of the file that an expression is, or is an object of."""
    if isinstance(node, ast.Name) and node.id in OWN:
        around = (c for c in module.classes.values() if _spans(c, node))
        return max(around, key=lambda c: c.lineno, default=None)
    if isinstance(node, ast.Name) and node.id not in module.classes:
        node = module.assigned.get(node.id, node)
    if isinstance(node, ast.Call):
        node = node.func
    return module.classes.get(module.dotted(node))


def _spans(node: ast.ClassDef, inner: ast.expr) -> bool:
    return node.lineno <= inner.lineno <= (node.end_lineno or 0)

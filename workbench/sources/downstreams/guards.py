"""Which guard an import stands under: a version check, TYPE_CHECKING, a try that forgives it."""

from __future__ import annotations

import ast
import re

FORGIVING = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
VERSION = re.compile(r"version|airflow_?v?_?\d|_v_?\d|_ge_\d", re.IGNORECASE)


def speaks_of_version(test: ast.expr, known: frozenset[str] | set[str] = frozenset()) -> bool:
    """Whether an expression looks at a version, or at a name that was made from one."""
    for node in ast.walk(test):
        if isinstance(node, ast.Name) and (node.id in known or VERSION.search(node.id)):
            return True
        if isinstance(node, ast.Attribute) and VERSION.search(node.attr):
            return True
    return False


def branch_guards(test: ast.expr, known: set[str]) -> tuple[str, str]:
    """The guards of what stands under an ``if``, and under its ``else``."""
    turned = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    inner = test.operand if isinstance(test, ast.UnaryOp) and turned else test
    if _is_type_checking(inner):
        return ("none", "type-checking") if turned else ("type-checking", "none")
    if speaks_of_version(test, known):
        return ("version-check", "version-check")
    return ("none", "none")


def _is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def forgives(handler: ast.ExceptHandler) -> bool:
    """Whether a handler catches an import that fails."""
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(t, ast.Name) and t.id in FORGIVING for t in types)


def suppresses(item: ast.withitem) -> bool:
    """Whether a ``with`` item is ``suppress(ImportError)``."""
    call = item.context_expr
    if not isinstance(call, ast.Call):
        return False
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    named = {a.id for a in call.args if isinstance(a, ast.Name)}
    return name == "suppress" and bool(named & FORGIVING)

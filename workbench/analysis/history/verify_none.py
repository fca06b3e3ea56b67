"""Whether a value that may be None is used without a look at it first, in one function."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.analysis.history.verify_evidence import Row

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
FORGIVING = frozenset({"AttributeError", "TypeError", "Exception", "BaseException"})


def unguarded(tree: ast.Module, site: Row, *, attribute: str = "") -> int | str:
    """The line that uses the value as if it never were None, or why there is none.

    Parameters
    ----------
    tree : ast.Module
        The file.
    site : mapping
        ``line, expression, target`` of the use.
    attribute : str
        What the site itself asks of the value, dotted; empty when it only names it.
    """
    function = _around(tree, site["line"])
    value = _value(function, site, attribute)
    if value is None:
        return "the use is not found in the downstream's text"
    names = {ast.dump(value), *_bound(function, value)}
    if guard := _guard(function, names):
        return f"line {guard} looks at it first"
    for node in ast.walk(function):
        if (used := _used(node)) is not None and ast.dump(used) in names:
            return node.lineno if isinstance(node, ast.expr | ast.stmt) else used.lineno
    return "it is handed on, not used there"


def _around(tree: ast.Module, line: int) -> ast.AST:
    """The innermost function that holds a line; the module when none does."""
    found: ast.AST = tree
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS) and node.lineno <= line <= (node.end_lineno or line):
            found = node
    return found


def _value(function: ast.AST, site: Row, attribute: str) -> ast.expr | None:
    """The expression of the value itself, as it stands at the site's line."""
    last = str(site["target"]).removesuffix(f".{attribute}" if attribute else "")
    name = last.rpartition(".")[2]
    for node in ast.walk(function):
        if not isinstance(node, ast.expr) or node.lineno != site["line"]:
            continue
        if site["kind"] == "call" and not attribute:
            if isinstance(node, ast.Call) and _named(node.func) == name:
                return node
        elif not isinstance(node, ast.Call) and _named(node) == name:
            return node
    return None


def _named(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def _bound(function: ast.AST, value: ast.expr) -> Iterator[str]:
    """Names that the value is bound to, as they are read later."""
    asked = ast.dump(value)
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and ast.dump(node.value) == asked:
            targets = [t for t in node.targets if isinstance(t, ast.Name)]
        elif isinstance(node, ast.NamedExpr | ast.AnnAssign) and node.value is not None:
            same = ast.dump(node.value) == asked
            targets = [node.target] if same and isinstance(node.target, ast.Name) else []
        else:
            continue
        for target in targets:
            yield ast.dump(ast.Name(id=target.id, ctx=ast.Load()))


def _guard(function: ast.AST, names: set[str]) -> int | None:
    """The line that tells None from a value: a comparison, a truth test, a try that forgives."""
    for node in ast.walk(function):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Compare) and any(_is_none(c) for c in node.comparators):
            parts = [node.left]
        elif isinstance(node, ast.BoolOp):
            parts = node.values
        elif isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert):
            parts = [node.test]
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            parts = [node.operand]
        elif isinstance(node, ast.comprehension):
            parts = node.ifs
        elif isinstance(node, ast.Call) and _named(node.func) == "isinstance":
            parts = node.args[:1]
        elif isinstance(node, ast.Try) and _tries(node, names):
            return node.lineno
        for part in parts:
            inner = part.target if isinstance(part, ast.NamedExpr) else part
            if ast.dump(part) in names or _loaded(inner) in names:
                return part.lineno
    return None


def _tries(node: ast.Try, names: set[str]) -> bool:
    forgiven = any(_forgives(handler) for handler in node.handlers)
    return forgiven and any(ast.dump(n) in names for s in node.body for n in ast.walk(s))


def _loaded(node: ast.expr) -> str:
    return ast.dump(ast.Name(id=node.id, ctx=ast.Load())) if isinstance(node, ast.Name) else ""


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _forgives(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(_named(t) in FORGIVING for t in types)


def _used(node: ast.AST) -> ast.expr | None:
    """The expression that a node takes apart, calls, iterates over or computes with."""
    if isinstance(node, ast.Attribute | ast.Subscript):
        return node.value
    if isinstance(node, ast.Call):
        return node.func
    if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        return node.iter
    if isinstance(node, ast.BinOp):
        return node.left
    return None

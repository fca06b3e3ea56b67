"""Recognises SQLAlchemy statements: calls that begin one, chains, models and columns."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from workbench.sources.python_facts.syntax import children, simple_text

BEGINNERS = frozenset({"select", "update", "delete", "insert", "exists"})
MODULES = frozenset({"sa", "sqlalchemy", "sql", "sqla"})
# After these a bare name in front is a table: `task_instance.update().where(...)`.
TABLE_METHODS = frozenset({"where", "values", "returning", "select_from", "from_select"})
# Endings of names that hold values, not columns, however they are compared.
VALUE_HOLDERS = ("State", "States", "Type", "Types", "Status", "Mode", "Rule", "Enum")

Link = tuple[str, ast.Call]


def chain_of(node: ast.Call) -> tuple[ast.expr, list[Link]]:
    """Take ``a.b().c()`` apart: what it begins with, and each method with its call, in order.

    It begins with a call only when that is no method call.
    """
    links: list[Link] = []
    inner: ast.expr = node
    while isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
        links.append((inner.func.attr, inner))
        inner = inner.func.value
    links.reverse()
    return inner, links


def begins_by_name(node: ast.Call, *, goes_on: bool) -> str | None:
    """Kind of the statement that a call of a bare name begins: ``select(A)``, ``update(A)``."""
    function = node.func
    name = function.id if isinstance(function, ast.Name) else ""
    if name not in BEGINNERS:
        return None
    if name == "select":
        return "select" if node.args else None
    if name == "exists":
        # The function of `os.path` takes a path.
        about = bool(node.args) and (
            is_model(node.args[0]) or _is_statement(node.args[0]) or goes_on
        )
        return "select" if about or (goes_on and not node.args) else None
    return name if node.args and (goes_on or is_model(node.args[0])) else None


def begins_by_method(holder: ast.expr, name: str, call: ast.Call, *, follows: str) -> str | None:
    """Kind of the statement that a method call begins: ``session.query(A)``, ``sa.select(A)``."""
    if name == "query":
        fits = bool(call.args) and (is_session(holder) or is_model(call.args[0]))
        return "query" if fits else None
    if name == "get":
        given = len(call.args) + len(call.keywords)
        fits = bool(call.args) and given > 1 and is_session(holder) and is_model(call.args[0])
        return "get" if fits else None
    if name in BEGINNERS:
        known = isinstance(holder, ast.Name) and holder.id in MODULES
        if known or follows in TABLE_METHODS or _is_table(holder):
            return "select" if name == "exists" else name
    return None


def may_begin(node: ast.Call) -> bool:
    """Whether a call could begin a statement, whatever follows it."""
    function = node.func
    if isinstance(function, ast.Name):
        return function.id in BEGINNERS
    if not isinstance(function, ast.Attribute):
        return False
    if function.attr == "get":
        return is_session(function.value)
    return function.attr == "query" or (
        function.attr in BEGINNERS
        and isinstance(function.value, ast.Name | ast.Attribute)
        and not (function.attr == "update" and is_plain_update(node))
    )


def is_plain_update(node: ast.Call) -> bool:
    """Whether ``x.update(...)`` has the one argument that a dict or set takes."""
    return len(node.args) == 1 and not is_model(node.args[0])


def is_session(node: ast.expr) -> bool:
    """Whether an expression is named like a session: ``self.session``, ``Session()``."""
    if isinstance(node, ast.Call):
        node = node.func
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return bool(name.lower().endswith(("session", "sess")))


def is_model(node: ast.expr) -> bool:
    """Whether an expression is named like a mapped class or its table."""
    if isinstance(node, ast.Name):
        return node.id == "cls" or node.id[:1].isupper()
    return isinstance(node, ast.Attribute) and (node.attr[:1].isupper() or _is_table(node))


def selects_in(node: ast.AST) -> Iterator[ast.Call]:
    """Calls of ``select``, ``exists`` and ``query`` inside an expression."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            function = part.func
            name = getattr(function, "id", None) or getattr(function, "attr", None)
            if name in ("select", "exists", "query"):
                yield part


def _is_table(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "__table__"


def _is_statement(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    first, links = chain_of(node)
    return isinstance(first, ast.Call) and begins_by_name(first, goes_on=bool(links)) is not None


class Names:
    """What the names in a statement stand for; ``aliases`` leads from a variable to its model."""

    def __init__(self, aliases: dict[str, str], tables: Container[str]) -> None:
        self._aliases = aliases
        self._tables = tables

    def model(self, node: ast.expr, *, any_name: bool = False) -> str | None:
        """Model or table that an argument names; null for anything else.

        ``any_name`` takes a name that is not written like a class for a table too.
        """
        if isinstance(node, ast.Name):
            if any_name or node.id in self._aliases or is_model(node):
                return self._aliases.get(node.id, node.id)
            return None
        if isinstance(node, ast.Attribute):
            if node.attr == "__table__":
                return self.model(node.value, any_name=any_name)
            # `models.Run` is Run, as its columns have it.
            return node.attr if node.attr[:1].isupper() else None
        return None

    def column(self, node: ast.expr) -> tuple[str, str] | None:
        """Model and attribute of ``Model.attribute`` or ``table.c.column``."""
        if not isinstance(node, ast.Attribute) or node.attr.isupper():
            return None
        base = node.value
        if isinstance(base, ast.Attribute) and base.attr in ("c", "columns"):
            return (simple_text(base.value) or "?", node.attr)
        if not isinstance(base, ast.Name):
            if isinstance(base, ast.Attribute) and base.attr[:1].isupper():
                return (base.attr, node.attr)
            return None
        name = self._aliases.get(base.id, base.id)
        if node.attr == "c" and not name[:1].isupper():
            return None
        known = name in self._tables or base.id in self._aliases or name == "cls"
        named = name[:1].isupper() and not name.endswith(VALUE_HOLDERS)
        return (name, node.attr) if known or named else None

    def columns(self, node: ast.AST) -> Iterator[tuple[str, str]]:
        """Columns that an expression compares, in order; what a subquery selects is none."""
        if isinstance(node, ast.Attribute) and (found := self.column(node)):
            yield found
            return
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Name) and function.id in ("select", "exists"):
                return
            if isinstance(function, ast.Attribute):
                if function.attr in ("select", "query", "joinedload", "correlate"):
                    return
                yield from self.columns(function.value)
            for part in (*node.args, *(keyword.value for keyword in node.keywords)):
                yield from self.columns(part)
            return
        for below in children(node):
            yield from self.columns(below)

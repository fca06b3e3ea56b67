"""Indexes and constraints as SQLAlchemy declares them: their columns in order and direction."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from workbench.sources.python_facts.syntax import Segment
from workbench.sources.python_facts.visitors.annotations import last_name, readable
from workbench.sources.python_facts.visitors.arguments import (
    TEXT_KEPT,
    flag,
    given,
    is_text,
    items,
    keyword,
    name_text,
)

KINDS = {
    "Index": "model",
    "UniqueConstraint": "unique",
    "PrimaryKeyConstraint": "primary-key",
    "ForeignKeyConstraint": "foreign-key",
}
ORDERS = frozenset({"asc", "nullslast", "nullsfirst", "nulls_last", "nulls_first"})
PLAIN_COLUMN = frozenset({"column", "literal_column"})
# A column and its direction in SQL text.
SQL_COLUMN = re.compile(r'\s*["`]?(\w+)["`]?(?:\s+(asc|desc)\b.*)?\s*', re.IGNORECASE | re.DOTALL)


@dataclass(slots=True, kw_only=True)
class Constraint:
    """An index or constraint; ``refers`` are the columns a foreign key leads to."""

    node: ast.stmt | ast.expr
    declared: str
    name: str | None = None
    columns: list[str] = field(default_factory=list)
    descending: list[str] = field(default_factory=list)
    is_unique: bool | None = False
    refers: list[str] = field(default_factory=list)


def constraint_calls(node: ast.expr | None) -> Iterator[ast.Call]:
    """Calls that make an index or constraint: one, or several in a tuple."""
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, ast.Tuple | ast.List):
            pending += each.elts[::-1]
        elif isinstance(each, ast.BinOp):
            pending += [each.right, each.left]
        elif isinstance(each, ast.Call) and last_name(each.func) in KINDS:
            yield each


def constraint_of(
    segment: Segment, call: ast.Call, names: Mapping[str, str] | None = None
) -> Constraint:
    """Read an index or constraint of a model.

    Parameters
    ----------
    segment : Segment
        Where it stands.
    call : ast.Call
        One of :func:`constraint_calls`.
    names : mapping of str to str
        Column name by attribute, where they differ.
    """
    kind = last_name(call.func)
    made = Constraint(node=call, declared=KINDS[kind], is_unique=kind != "ForeignKeyConstraint")
    columns = [each for each in call.args if not isinstance(each, ast.Starred)]
    if kind == "Index":
        made.is_unique = flag(keyword(call, "unique"), otherwise=False)
        made.name = name_text(segment, given(call, 0, "name"))
        if call.args and not isinstance(call.args[0], ast.Starred):
            columns = columns[1:]
    else:
        made.name = name_text(segment, keyword(call, "name"))
    if kind == "ForeignKeyConstraint":
        columns = items(given(call, 0, "columns"))
        made.refers = [
            name_text(segment, each) or "" for each in items(given(call, 1, "refcolumns"))
        ]
    put_columns(segment, columns, made, names or {})
    return made


def put_columns(
    segment: Segment, columns: list[ast.expr], made: Constraint, names: Mapping[str, str]
) -> None:
    """Put columns into an index or constraint, with their direction."""
    for each in columns:
        name, descends = _column(segment, each, names)
        made.columns.append(name)
        if descends:
            made.descending.append(name)


def _column(segment: Segment, node: ast.expr, names: Mapping[str, str]) -> tuple[str, bool]:
    """Name of a column in an index and whether it descends; an expression is its own name."""
    descends = False
    while isinstance(node, ast.Call):
        name = last_name(node.func)
        if name == "text" and node.args and is_text(node.args[0]):
            return _sql_column(node.args[0].value, descends)  # type: ignore[attr-defined]
        ordering = name == "desc" or name in ORDERS
        if ordering and len(node.args) == 1:
            node = node.args[0]
        elif ordering and not node.args and isinstance(node.func, ast.Attribute):
            node = node.func.value
        elif name in PLAIN_COLUMN and node.args:
            node = node.args[0]
        else:
            break
        descends |= name == "desc"
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return readable(node.value), descends
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id), descends
    if isinstance(node, ast.Attribute):
        return names.get(node.attr, node.attr), descends
    return segment.written(node)[:TEXT_KEPT], descends


def _sql_column(text: str, descends: bool) -> tuple[str, bool]:
    found = SQL_COLUMN.fullmatch(readable(text))
    if found is None:
        return readable(text).strip()[:TEXT_KEPT], descends
    return found[1], descends or (found[2] or "").lower() == "desc"

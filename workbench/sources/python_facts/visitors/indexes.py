"""Indexes, keys and unique constraints: their columns in order, direction, uniqueness."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.sources.python_facts.syntax import Segment
from workbench.sources.python_facts.visitors.column_calls import Column
from workbench.sources.python_facts.visitors.table_operations import tables_of
from workbench.sources.python_facts.visitors.tables import Table

Row = tuple[object, ...]
Said = tuple[ast.stmt | ast.expr, str | None, list[str], list[str], bool | None, str]


def visit(segment: Segment) -> Iterator[Row]:
    """Rows of the ``indexes`` family: those that columns say of themselves included."""
    for table in tables_of(segment):
        for node, *fields in _said(table):
            yield table.qualname, segment.line(node), table.name, *fields


def _said(table: Table) -> Iterator[Said]:
    for made in table.constraints:
        yield made.node, made.name, made.columns, made.descending, made.is_unique, made.declared
    if all(made.declared != "primary-key" for made in table.constraints):
        key = [column for column in table.columns if column.primary_key]
        if key:
            names = [column.name for column in key]
            yield key[0].node, None, names, [], True, "primary-key"
    for column in table.columns:
        if column.index or column.unique:
            yield column.node, None, [column.name], [], column.unique, _declared(table, column)
        if column.says_foreign_key:
            yield column.node, column.foreign_key_name, [column.name], [], False, "foreign-key"


def _declared(table: Table, column: Column) -> str:
    if not column.index:
        return "unique"
    return "model" if table.declared == "model" else "create_index"

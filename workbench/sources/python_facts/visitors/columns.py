"""Columns: what models and migrations say of each column, however they write it."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.sources.python_facts.syntax import Segment
from workbench.sources.python_facts.visitors.column_calls import Column
from workbench.sources.python_facts.visitors.table_operations import tables_of

Row = tuple[object, ...]


def visit(segment: Segment) -> Iterator[Row]:
    """Rows of the ``columns`` family."""
    for table in tables_of(segment):
        for column in table.columns:
            yield (
                table.qualname,
                segment.line(column.node),
                table.name,
                column.name,
                column.attribute,
                table.declared,
                column.type,
                column.length,
                column.nullable,
                column.default,
                column.server_default,
                column.primary_key,
                _indexed(column),
                column.foreign_key,
            )


def _indexed(column: Column) -> bool | None:
    """Any of these that is true; null when none is and one is not known."""
    said = (column.index, column.unique, column.primary_key, column.covered)
    return True if any(said) else None if None in said else False

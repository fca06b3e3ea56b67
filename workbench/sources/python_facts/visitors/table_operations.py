"""Tables of a segment, with what a migration does to them: Alembic, alone or in a batch."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from workbench.sources.python_facts.syntax import Scope, Segment
from workbench.sources.python_facts.visitors.annotations import last_name
from workbench.sources.python_facts.visitors.arguments import (
    flag,
    given,
    is_none,
    items,
    keyword,
    name_text,
)
from workbench.sources.python_facts.visitors.column_calls import (
    Column,
    column_call,
    column_of,
    read_type,
    written_default,
)
from workbench.sources.python_facts.visitors.constraint_calls import Constraint, put_columns
from workbench.sources.python_facts.visitors.tables import (
    Table,
    declared_tables,
    direct_calls,
    settle,
    table_of_arguments,
)

MARKS = (b"_column(", b"create_", b"drop_index(", b"drop_constraint(")
BATCH = "batch_alter_table"
COLUMN_OPERATIONS = frozenset({"add_column", "alter_column", "drop_column"})
# Declared kind and where the columns stand when the table's name is left out.
CREATING = {
    "create_index": ("create_index", 1),
    "create_unique_constraint": ("unique", 1),
    "create_primary_key": ("primary-key", 1),
    "create_foreign_key": ("foreign-key", 2),
}
DROPPING = frozenset({"drop_index", "drop_constraint"})

_kept: WeakKeyDictionary[Segment, list[Table]] = WeakKeyDictionary()


def tables_of(segment: Segment) -> list[Table]:
    """Tables that a segment declares and those its operations change, one for each operation.

    What constraints say of a column is put into the column. Two visitors share what is found.
    """
    found = _kept.get(segment)
    if found is None:
        found = _kept[segment] = [*declared_tables(segment), *_changed(segment)]
        for table in found:
            settle(table)
    return found


def _changed(segment: Segment) -> Iterator[Table]:
    text = segment.text
    if not (b"op." in text or b"batch" in text) or not any(mark in text for mark in MARKS):
        return
    batches = list(_batches(segment))
    for call, scope in direct_calls(segment):
        if (table := _operation(segment, call, scope, batches)) is not None:
            yield table


# Name that a batch is bound to, the first and last line it holds for, its table.
Batch = tuple[str, int, int, str | None]


def _batches(segment: Segment) -> Iterator[Batch]:
    for node, _ in segment.of(ast.With, ast.AsyncWith):
        for item in node.items:
            call, bound = item.context_expr, item.optional_vars
            if isinstance(call, ast.Call) and last_name(call.func) == BATCH:
                table = name_text(segment, given(call, 0, "table_name"))
                if isinstance(bound, ast.Name):
                    yield bound.id, node.lineno, node.end_lineno or node.lineno, table


def _operation(
    segment: Segment, call: ast.Call, scope: Scope, batches: list[Batch]
) -> Table | None:
    function = call.func
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
        return None
    name, receiver = function.attr, function.value.id
    around = [b for b in batches if b[0] == receiver and b[1] <= call.lineno <= b[2]]
    in_batch = bool(around) or "batch" in receiver
    if not in_batch and receiver != "op":
        return None
    # The innermost batch starts last.
    table = Table(
        name=max(around, key=lambda batch: batch[1])[3] if around else None,
        qualname=scope.qualname,
        declared=name if name in COLUMN_OPERATIONS else "",
    )
    if name == "create_table":
        table.name, table.declared = name_text(segment, given(call, 0, "table_name")), name
        return table_of_arguments(segment, call.args[1:], table)
    if name in COLUMN_OPERATIONS:
        return _on_column(segment, call, table, first=0 if in_batch else 1)
    if name in CREATING:
        return _creating(segment, call, table, first=0 if in_batch else 1)
    if name in DROPPING:
        if not in_batch:
            table.name = name_text(segment, given(call, 1, "table_name"))
        dropped = name_text(segment, given(call, 0, "index_name", "constraint_name"))
        table.constraints.append(Constraint(node=call, declared=name, name=dropped, is_unique=None))
        return table
    return None


def _on_column(segment: Segment, call: ast.Call, table: Table, *, first: int) -> Table | None:
    if first:
        table.name = name_text(segment, given(call, 0, "table_name"))
    node = given(call, first, "column", "column_name")
    if table.declared == "add_column":
        if (made := column_call(node)) is None:
            return None
        table.columns.append(column_of(segment, made, node=call))
        return table
    name = name_text(segment, node)
    if name is None:
        return None
    column = Column(node=call, name=name, primary_key=None, index=None, unique=None)
    if table.declared == "alter_column":
        read_type(segment, keyword(call, "type_"), column)
        column.nullable = flag(keyword(call, "nullable"), otherwise=None)
        default = keyword(call, "server_default")
        dropped = default is not None and is_none(default)
        column.server_default = "None" if dropped else written_default(segment, default)
    table.columns.append(column)
    return table


def _creating(segment: Segment, call: ast.Call, table: Table, *, first: int) -> Table:
    operation = last_name(call.func)
    declared, at = CREATING[operation]
    if first:
        table.name = name_text(segment, given(call, 1, "table_name", "source_table"))
    made = Constraint(
        node=call,
        declared=declared,
        name=name_text(segment, given(call, 0, "index_name", "constraint_name")),
        is_unique=declared in ("unique", "primary-key"),
    )
    if operation == "create_index":
        made.is_unique = flag(keyword(call, "unique"), otherwise=False)
    columns = items(given(call, at + first, "columns", "local_cols"))
    put_columns(segment, columns, made, {})
    table.constraints.append(made)
    return table

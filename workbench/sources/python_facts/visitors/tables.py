"""Tables that a segment declares or changes: of models, of ``Table(...)`` and of migrations."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from workbench.sources.python_facts.syntax import Scope, Segment
from workbench.sources.python_facts.visitors.annotations import last_name
from workbench.sources.python_facts.visitors.arguments import is_text, name_text
from workbench.sources.python_facts.visitors.column_calls import (
    Column,
    column_call,
    column_of,
    mapped,
)
from workbench.sources.python_facts.visitors.constraint_calls import (
    Constraint,
    constraint_calls,
    constraint_of,
)
from workbench.sources.python_facts.visitors.imports import guard_of


@dataclass(slots=True, kw_only=True)
class Table:
    """A table as one place of the source declares or changes it.

    ``declared`` is model, create_table, add_column, alter_column, drop_column, or empty when it
    holds constraints alone.
    """

    name: str | None
    qualname: str
    declared: str
    columns: list[Column] = field(default_factory=list)
    constraints: list[Constraint] = field(default_factory=list)


def declared_tables(segment: Segment) -> list[Table]:
    """Tables of models and of ``Table(...)``."""
    text = segment.text
    # Written out, because it is asked of every segment.
    if not (b"olumn(" in text or b"Mapped[" in text or b"Index(" in text or b"Constraint(" in text):
        return []
    return [*_of_classes(segment), *_of_calls(segment), *_of_modules(segment)]


def settle(table: Table) -> None:
    """Give columns what the constraints of their table say of them."""
    by_name = {column.name: column for column in table.columns}
    for constraint in table.constraints:
        if constraint.declared == "primary-key":
            for name in constraint.columns:
                if (column := by_name.get(name)) is not None:
                    column.primary_key = True
                    if not column.says_nullable:
                        column.nullable = False
        elif constraint.declared == "foreign-key":
            # Not strict: what either list holds may be computed.
            for name, target in zip(constraint.columns, constraint.refers, strict=False):
                if (column := by_name.get(name)) is not None and column.foreign_key is None:
                    column.foreign_key = target
        elif len(constraint.columns) == 1 and constraint.columns[0] in by_name:
            by_name[constraint.columns[0]].covered = True


def table_of_arguments(segment: Segment, arguments: list[ast.expr], table: Table) -> Table:
    """Fill a table from the arguments of a call that hold its columns and constraints."""
    names: dict[str, str] = {}
    for each in arguments:
        if (call := column_call(each)) is not None:
            table.columns.append(column_of(segment, call, node=call))
        else:
            for made in constraint_calls(each):
                table.constraints.append(constraint_of(segment, made, names))
    return table


def direct_calls(segment: Segment) -> Iterator[tuple[ast.Call, Scope]]:
    """Calls that are a statement of their own, or the whole value of one."""
    for node, statement in segment.of(ast.Expr, ast.Assign, ast.AnnAssign, ast.Return):
        if isinstance(node.value, ast.Call):
            yield node.value, statement.scope


def _of_classes(segment: Segment) -> list[Table]:
    tables: dict[int, Table] = {}
    names: dict[int, dict[str, str]] = {}
    pending: list[tuple[Scope, ast.Call]] = []
    for node, statement in segment.of(ast.Assign, ast.AnnAssign, ast.Expr):
        scope = statement.scope
        if scope.kind != "class":
            continue
        if statement.above is not None and guard_of(segment, statement) == "type-checking":
            continue
        table = tables.get(id(scope))
        if table is None:
            name = scope.node.name if scope.node else None
            table = tables[id(scope)] = Table(name=name, qualname=scope.qualname, declared="model")
        known = names.setdefault(id(scope), {})
        for attribute in _targets(node):
            if attribute == "__tablename__":
                table.name = name_text(segment, node.value)
            elif (column := _column(segment, node, attribute)) is not None:
                table.columns.append(column)
                known[attribute] = column.name
        pending += [(scope, call) for call in constraint_calls(node.value)]
    # After all columns, because what is called by its attribute may have another name.
    for scope, call in pending:
        made = constraint_of(segment, call, names[id(scope)])
        tables[id(scope)].constraints.append(made)
    return list(tables.values())


def _targets(node: ast.Assign | ast.AnnAssign | ast.Expr) -> Iterator[str]:
    if isinstance(node, ast.Expr):
        return
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        if isinstance(target, ast.Name):
            yield target.id


def _column(segment: Segment, node: ast.Assign | ast.AnnAssign, attribute: str) -> Column | None:
    inner = mapped(node.annotation) if isinstance(node, ast.AnnAssign) else None
    call = column_call(node.value)
    if call is None and (inner is None or node.value is not None):
        return None
    return column_of(segment, call, node=node, attribute=attribute, inner=inner)


def _of_calls(segment: Segment) -> Iterator[Table]:
    """``Table("name", metadata, ...)``, wherever it stands."""
    if b"Table(" not in segment.text:
        return
    for call, scope in direct_calls(segment):
        if last_name(call.func) == "Table" and len(call.args) > 2 and is_text(call.args[0]):
            table = Table(
                name=name_text(segment, call.args[0]),
                qualname=scope.qualname,
                declared="model",
            )
            yield table_of_arguments(segment, call.args[2:], table)


def _of_modules(segment: Segment) -> Iterator[Table]:
    """Indexes that stand beside their model."""
    if b"Index(" not in segment.text:
        return
    for node, statement in segment.of(ast.Expr, ast.Assign, ast.AnnAssign):
        if statement.scope.kind != "module":
            continue
        for call in constraint_calls(node.value):
            made = constraint_of(segment, call)
            yield Table(name=_owner(call), qualname="", declared="model", constraints=[made])


def _owner(call: ast.Call) -> str | None:
    """Model whose columns an index at module level names: ``Model.x``, ``table.c.x``."""
    for argument in call.args[1:]:
        for node in ast.walk(argument):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                name = node.value.id
                if name[:1].isupper() or node.attr == "c":
                    return name
    return None

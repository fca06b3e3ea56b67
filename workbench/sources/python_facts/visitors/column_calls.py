"""Columns as SQLAlchemy declares them: ``Column(...)`` and ``Mapped[...]`` read to one meaning."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from workbench.sources.python_facts.syntax import Segment
from workbench.sources.python_facts.visitors.annotations import (
    last_name,
    may_be_none,
    options,
    unquoted,
)
from workbench.sources.python_facts.visitors.arguments import (
    TEXT_KEPT,
    count,
    flag,
    given,
    is_none,
    is_text,
    keyword,
    name_text,
)

COLUMN_CALLS = frozenset({"Column", "mapped_column"})
MAPPED = ("Mapped", "DynamicMapped", "WriteOnlyMapped")
# Arguments of a column that are neither its name nor its type.
ITEMS = frozenset(
    {"ForeignKey", "Sequence", "Identity", "Computed", "FetchedValue", "CheckConstraint"}
    | {"DefaultClause", "ColumnDefault", "Constraint"}
)
# Type that a bare annotation stands for, as SQLAlchemy's own map has it.
ANNOTATED_TYPES = {
    "str": "String",
    "int": "Integer",
    "bool": "Boolean",
    "float": "Float",
    "bytes": "LargeBinary",
    "datetime": "DateTime",
    "date": "Date",
    "time": "Time",
    "timedelta": "Interval",
    "Decimal": "Numeric",
    "UUID": "Uuid",
}
# Types whose first argument is a length.
LENGTHY = ("string", "text", "char", "unicode", "binary", "clob", "blob")


@dataclass(slots=True, kw_only=True)
class Column:
    """A column.

    ``index`` and ``unique`` are what it says of itself; ``covered`` is true when its table has an
    index or unique constraint of it alone.
    """

    node: ast.stmt | ast.expr
    name: str
    attribute: str | None = None
    type: str | None = None
    length: int | None = None
    nullable: bool | None = None
    default: str | None = None
    server_default: str | None = None
    primary_key: bool | None = False
    index: bool | None = False
    unique: bool | None = False
    covered: bool = False
    foreign_key: str | None = None
    foreign_key_name: str | None = None
    says_type: bool = False
    says_nullable: bool = False
    says_foreign_key: bool = False


def column_call(node: ast.expr | None) -> ast.Call | None:
    """The call that makes a column, read out of ``deferred(...)``."""
    while isinstance(node, ast.Call):
        name = last_name(node.func)
        if name in COLUMN_CALLS:
            return node
        if name != "deferred" or not node.args:
            return None
        node = node.args[0]
    return None


def mapped(node: ast.expr | None, *, kinds: tuple[str, ...] = MAPPED[:1]) -> ast.expr | None:
    """What stands inside ``Mapped[...]``, or another of these kinds; else null."""
    if node is None:
        return None
    node = unquoted(node)
    if isinstance(node, ast.Subscript) and last_name(node) in kinds:
        return unquoted(node.slice)
    return None


def column_of(
    segment: Segment,
    call: ast.Call | None,
    *,
    node: ast.stmt | ast.expr,
    attribute: str | None = None,
    inner: ast.expr | None = None,
) -> Column:
    """Read a column.

    Parameters
    ----------
    segment : Segment
        Where it stands.
    call : ast.Call or None
        ``Column(...)`` or ``mapped_column(...)``; null for an annotation alone.
    node : ast.stmt or ast.expr
        What gives its line.
    attribute : str or None
        Attribute of the model.
    inner : ast.expr or None
        What stands inside its ``Mapped[...]``.
    """
    column = Column(node=node, name=attribute or "", attribute=attribute)
    optional = None if inner is None else may_be_none(inner)
    if call is not None:
        _read_call(segment, call, column)
    # A foreign key without a type takes the type of what it refers to.
    if not column.says_type and column.foreign_key is None:
        column.type = _annotated_type(inner)
    if not column.says_nullable:
        column.nullable = optional is not False and not column.primary_key
    return column


def _read_call(segment: Segment, call: ast.Call, column: Column) -> None:
    plain = [a for a in call.args if not isinstance(a, ast.Starred)]
    reference = next((a for a in plain if _is(a, "ForeignKey")), None)
    rest = [a for a in plain if last_name(a) not in ITEMS or not isinstance(a, ast.Call)]
    name, kind = keyword(call, "name", "__name_pos"), keyword(call, "type_")
    if rest and (is_text(rest[0]) or len(rest) > 1 or kind is not None):
        name = rest.pop(0)
    if rest and kind is None:
        kind = rest[0]
    column.name = name_text(segment, name) or column.name
    column.says_type = kind is not None
    read_type(segment, kind, column)
    column.primary_key = flag(keyword(call, "primary_key"), otherwise=False)
    column.index = flag(keyword(call, "index"), otherwise=False)
    column.unique = flag(keyword(call, "unique"), otherwise=False)
    nullable = keyword(call, "nullable")
    column.says_nullable = nullable is not None
    column.nullable = flag(nullable, otherwise=None)
    column.default = written_default(segment, keyword(call, "default", "insert_default"))
    column.server_default = written_default(segment, keyword(call, "server_default"))
    if isinstance(reference, ast.Call):
        column.foreign_key = name_text(segment, given(reference, 0, "column"))
        column.says_foreign_key = column.foreign_key is not None
        column.foreign_key_name = name_text(segment, keyword(reference, "name"))


def read_type(segment: Segment, node: ast.expr | None, column: Column) -> None:
    """Put name and length of a type into a column.

    What only says how the type is stored elsewhere (``with_variant``) or followed
    (``as_mutable``) is left out.
    """
    while isinstance(node, ast.Call) and (how := node.func) and isinstance(how, ast.Attribute):
        if how.attr == "with_variant":
            node = how.value
        elif how.attr in ("as_mutable", "associate_with") and node.args:
            node = node.args[0]
        else:
            break
    called = node.func if isinstance(node, ast.Call) else node
    if not isinstance(called, ast.Name | ast.Attribute):
        return
    column.type = last_name(called)
    if isinstance(node, ast.Call):
        lengthy = any(part in column.type.lower() for part in LENGTHY)
        column.length = count(given(node, 0 if lengthy else None, "length"))


def written_default(segment: Segment, node: ast.expr | None) -> str | None:
    """A default as written, read out of ``text(...)``; null for None, which is no default."""
    if isinstance(node, ast.Call) and last_name(node.func) == "text" and len(node.args) == 1:
        node = node.args[0]
    if node is None or is_none(node):
        return None
    return segment.written(node)[:TEXT_KEPT]


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) == name


def _annotated_type(inner: ast.expr | None) -> str | None:
    if inner is None:
        return None
    kinds = [o for o in options(inner) if not (isinstance(o, ast.Constant) and o.value is None)]
    if len(kinds) != 1 or isinstance(kinds[0], ast.Subscript):
        return None
    return ANNOTATED_TYPES.get(last_name(kinds[0]))

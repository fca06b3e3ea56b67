"""Fields: what classes that hold data declare, whether it has to be given, what it may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.sources.python_facts.syntax import Segment, Statement
from workbench.sources.python_facts.visitors.annotations import (
    annotation_text,
    items_of,
    last_name,
    may_be_none,
    metadata_of,
    plain_text,
    unquoted,
)
from workbench.sources.python_facts.visitors.arguments import (
    TEXT_KEPT,
    flag,
    given,
    keyword,
)
from workbench.sources.python_facts.visitors.class_kinds import (
    Holder,
    holder_of,
    is_call,
    is_mapped,
)
from workbench.sources.python_facts.visitors.imports import guard_of

ORM = (b"olumn(", b"Mapped[", b"__tablename__")
FIELD_CALLS = frozenset({"Field", "field", "ib", "attrib", "attr_ib"})
# Called without an annotation by classes of attrs.
ATTRIBUTE_CALLS = frozenset({"field", "ib", "attrib"})
FACTORY = frozenset({"Factory"})
FACTORIES = ("default_factory", "factory")
# Values that say that there is none.
ABSENT = frozenset({"...", "Ellipsis", "NOTHING", "MISSING", "PydanticUndefined"})
NO_FIELD = frozenset({"PrivateAttr", "relationship", "column_property", "synonym"})

Row = tuple[object, ...]


def visit(segment: Segment) -> Iterator[Row]:
    """Rows of the ``fields`` family: a class with columns of a table has none."""
    if all(scope.kind != "class" for scope in segment.scopes):
        return
    holders: dict[int, Holder | None] = {}
    for node, statement in segment.of(ast.AnnAssign, ast.Assign):
        scope = statement.scope
        if scope.kind != "class":
            continue
        if id(scope) not in holders:
            orm = scope.node is not None and any(mark in segment.text for mark in ORM)
            holders[id(scope)] = holder_of(scope, orm=orm)
        holder = holders[id(scope)]
        if holder is not None and (name := _name(node, holder)) is not None:
            if not _counts(segment, statement, name, holder):
                continue
            annotation = node.annotation if isinstance(node, ast.AnnAssign) else None
            yield (
                scope.qualname,
                segment.line(node),
                holder.kind,
                name,
                *_read(segment, annotation, node.value, holder),
            )


def _name(node: ast.Assign | ast.AnnAssign, holder: Holder) -> str | None:
    if isinstance(node, ast.AnnAssign):
        return node.target.id if isinstance(node.target, ast.Name) else None
    target = node.targets[0]
    if holder.kind == "attrs" and is_call(node.value, ATTRIBUTE_CALLS):
        return target.id if isinstance(target, ast.Name) else None
    return None


def _counts(segment: Segment, statement: Statement, name: str, holder: Holder) -> bool:
    node = statement.node
    if name.startswith("__") or name == "model_config":
        return False
    if holder.kind == "pydantic" and name.startswith("_"):
        return False
    if isinstance(node, ast.AnnAssign):
        kind = last_name(unquoted(node.annotation))
        if kind in ("ClassVar", "KW_ONLY", "TypeAlias") or is_mapped(node):
            return False
        if is_call(node.value, NO_FIELD):
            return False
    return statement.above is None or guard_of(segment, statement) != "type-checking"


def _read(
    segment: Segment, annotation: ast.expr | None, value: ast.expr | None, holder: Holder
) -> tuple[str | None, bool, bool, str | None, str | None]:
    given_default, default, initialised = value is not None, None, True
    discriminator: str | None = None
    if value is not None:
        default = _made(value) or segment.written(value)
    calls: list[ast.Call] = []
    if isinstance(value, ast.Call) and last_name(value.func) in FIELD_CALLS:
        given_default, default = False, None
        calls.append(value)
    if annotation is not None:
        for said in metadata_of(annotation):
            if isinstance(said, ast.Call) and last_name(said.func) in FIELD_CALLS:
                calls.append(said)
            elif isinstance(said, ast.Call) and last_name(said.func) == "Discriminator":
                discriminator = _plain(given(said, 0, "discriminator"))
    for call in calls:
        found = _default(call)
        if found is not None and not given_default:
            given_default, default = True, found
        discriminator = _plain(keyword(call, "discriminator")) or discriminator
        initialised &= flag(keyword(call, "init"), otherwise=True) is not False
    required = not given_default and initialised
    if holder.kind == "typed-dict":
        required = _is_required(annotation, total=holder.total)
    return (
        annotation_text(segment, annotation) if annotation is not None else None,
        required,
        annotation is not None and may_be_none(annotation),
        default[:TEXT_KEPT] if default is not None else None,
        discriminator,
    )


def _default(call: ast.Call) -> str | None:
    """Default that a field call gives; of a factory, the call of it."""
    place = 0 if last_name(call.func) == "Field" else None
    if (node := given(call, place, "default")) is not None:
        text = _made(node) or plain_text(node)
        return None if text.rpartition(".")[2] in ABSENT or text in ABSENT else text
    factory = keyword(call, *FACTORIES)
    return None if factory is None else _called(factory)


def _made(node: ast.expr) -> str | None:
    """What ``Factory(list)`` makes; null for all else."""
    if is_call(node, FACTORY) and isinstance(node, ast.Call) and node.args:
        return _called(node.args[0])
    return None


def _called(factory: ast.expr) -> str:
    if isinstance(factory, ast.Lambda):
        return plain_text(factory.body)
    return f"{plain_text(factory)}()"


def _plain(node: ast.expr | None) -> str | None:
    if node is None:
        return None
    if isinstance(node, ast.Constant):
        return str(node.value) if isinstance(node.value, str) else None
    return plain_text(node)


def _is_required(annotation: ast.expr | None, *, total: bool) -> bool:
    inner = unquoted(annotation) if annotation is not None else None
    while isinstance(inner, ast.Subscript) and last_name(inner) in ("Annotated", "ReadOnly"):
        items = items_of(inner)
        if not items:
            break
        inner = unquoted(items[0])
    return {"Required": True, "NotRequired": False}.get(last_name(inner), total)

"""Relationships: the model that an attribute leads to and how it is loaded."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.sources.python_facts.syntax import Segment, simple_text
from workbench.sources.python_facts.visitors.annotations import (
    items_of,
    last_name,
    options,
    unquoted,
)
from workbench.sources.python_facts.visitors.arguments import flag, given, keyword, name_text
from workbench.sources.python_facts.visitors.column_calls import MAPPED, mapped

RELATIONSHIPS = frozenset({"relationship", "relation", "dynamic_loader"})
# Annotations that say by themselves how it is loaded.
LOADING = {"DynamicMapped": "dynamic", "WriteOnlyMapped": "write_only"}
COLLECTIONS = frozenset(
    {"list", "List", "set", "Set", "dict", "Dict", "Sequence", "Collection", "Iterable"}
    | {"MutableSequence", "MutableSet", "Mapping", "MutableMapping", "AssociationList"}
    | {"KeyFuncDict", "InstrumentedList", "AppenderQuery"}
)
# What lazy may also be called.
STRATEGIES = {"True": "select", "False": "joined", "None": "noload"}

Row = tuple[object, ...]


def visit(segment: Segment) -> Iterator[Row]:
    """Rows of the ``relationships`` family: of class bodies, and those set on a class later."""
    if b"relation" not in segment.text and b"dynamic_loader" not in segment.text:
        return
    for node, statement in segment.of(ast.Assign, ast.AnnAssign):
        call = node.value
        if not isinstance(call, ast.Call) or last_name(call.func) not in RELATIONSHIPS:
            continue
        annotation = node.annotation if isinstance(node, ast.AnnAssign) else None
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if (name := _name(target)) is not None:
                line = segment.line(node)
                yield statement.scope.qualname, line, name, *_read(segment, call, annotation)


def _name(target: ast.expr) -> str | None:
    if isinstance(target, ast.Attribute):
        return target.attr
    return target.id if isinstance(target, ast.Name) else None


def _read(
    segment: Segment, call: ast.Call, annotation: ast.expr | None
) -> tuple[str | None, str, bool | None]:
    loading = LOADING.get(last_name(unquoted(annotation)), "select") if annotation else "select"
    target, many = _annotated(mapped(annotation, kinds=MAPPED))
    argument = given(call, 0, "argument")
    if argument is not None:
        target = _target(segment, argument)
    lazy = keyword(call, "lazy")
    strategy = loading if lazy is None else (name_text(segment, lazy) or "None")
    if last_name(call.func) == "dynamic_loader":
        strategy = "dynamic"
    strategy = STRATEGIES.get(strategy, strategy)
    if strategy in LOADING.values():
        many = True
    return target, strategy, flag(keyword(call, "uselist"), otherwise=many)


def _target(segment: Segment, node: ast.expr) -> str | None:
    return name_text(segment, node.body if isinstance(node, ast.Lambda) else node)


def _annotated(inner: ast.expr | None) -> tuple[str | None, bool | None]:
    """The model that an annotation names, and whether it is a collection of them."""
    if inner is None:
        return None, None
    kinds = [o for o in options(inner) if not (isinstance(o, ast.Constant) and o.value is None)]
    if len(kinds) != 1:
        return None, None
    kind, many = kinds[0], False
    if isinstance(kind, ast.Subscript) and last_name(kind) in COLLECTIONS and items_of(kind):
        kind, many = unquoted(items_of(kind)[-1]), True
    return (simple_text(kind) if isinstance(kind, ast.Name | ast.Attribute) else None), many

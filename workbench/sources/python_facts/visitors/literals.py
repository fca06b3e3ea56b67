"""Literals: values that others compare, send or store: members, tags, identities, constants."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.sources.python_facts.syntax import FUNCTIONS, Segment
from workbench.sources.python_facts.visitors.annotations import (
    last_name,
    literal_values,
    options,
    plain_text,
)
from workbench.sources.python_facts.visitors.arguments import TEXT_KEPT
from workbench.sources.python_facts.visitors.class_kinds import is_enum
from workbench.sources.python_facts.visitors.parameters import parameters_of

LITERAL = b"Literal["
IDENTITY = "polymorphic_identity"
PLAIN = (str, int, float)
MOST_PARTS = 1_000  # a longer tuple is data

Row = tuple[object, ...]
Value = tuple[str, str, str, str]


def visit(segment: Segment) -> Iterator[Row]:
    """Rows of the ``literals`` family: of modules and classes, and what parameters may be."""
    typed = LITERAL in segment.text
    for node, statement in segment.of(ast.Assign, ast.AnnAssign):
        scope = statement.scope
        if scope.kind == "function":
            continue
        tag = scope.kind == "class"
        member = tag and is_enum(scope.node)
        for said in _assigned(segment, node, member=member, tag=tag, typed=typed):
            yield scope.qualname, segment.line(node), *said
    if typed:
        for function, statement in segment.of(*FUNCTIONS):
            qualname = statement.scope.named(function.name)
            for parameter, _, _ in parameters_of(function.args):
                for value in _literals(parameter.annotation):
                    line = parameter.lineno - segment.first
                    yield qualname, line, "literal-type", parameter.arg, value, value


def _assigned(
    segment: Segment, node: ast.Assign | ast.AnnAssign, *, member: bool, tag: bool, typed: bool
) -> Iterator[Value]:
    value = node.value
    for name in _bound(node):
        if name == "__mapper_args__":
            yield from _identities(value)
        if name.startswith("_"):
            continue
        found = _of_type(node) if typed else []
        if member and value is not None:
            yield "enum-member", name, "", segment.written(value)[:TEXT_KEPT]
        elif len(found) == 1 and tag and isinstance(node, ast.AnnAssign) and _is_tag(node):
            yield "discriminator", name, "", found[0]
        elif found:
            yield from (("literal-type", name, each, each) for each in found)
        elif value is not None and _is_constant(value):
            yield "constant", name, "", segment.written(value)[:TEXT_KEPT]


def _bound(node: ast.Assign | ast.AnnAssign) -> Iterator[str]:
    """Names that are bound to the whole value."""
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        if isinstance(target, ast.Name):
            yield target.id


def _of_type(node: ast.Assign | ast.AnnAssign) -> list[str]:
    """Values that an annotation allows, or that an alias of a type stands for."""
    found = _literals(node.annotation) if isinstance(node, ast.AnnAssign) else []
    if not found and isinstance(node.value, ast.Subscript | ast.BinOp):
        found = _literals(node.value)
    return found


def _literals(node: ast.expr | None) -> list[str]:
    if node is None:
        return []
    return list(dict.fromkeys(plain_text(value)[:TEXT_KEPT] for value in literal_values(node)))


def _is_tag(node: ast.AnnAssign) -> bool:
    """Whether an annotation is a ``Literal`` and nothing else."""
    kinds = list(options(node.annotation))
    return len(kinds) == 1 and last_name(kinds[0]) == "Literal"


def _identities(node: ast.expr | None) -> Iterator[Value]:
    """The name under which rows of a model are told apart from those of its siblings."""
    pairs: list[tuple[object, ast.expr]] = []
    if isinstance(node, ast.Dict):
        keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
        pairs = [*zip(keys, node.values, strict=True)]
    elif isinstance(node, ast.Call) and last_name(node.func) == "dict":
        pairs = [(each.arg, each.value) for each in node.keywords]
    for key, value in pairs:
        if key == IDENTITY:
            yield "polymorphic-identity", IDENTITY, "", plain_text(value)[:TEXT_KEPT]


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return len(node.elts) <= MOST_PARTS and all(_is_plain(each) for each in node.elts)
    return _is_plain(node)


def _is_plain(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and isinstance(node.value, PLAIN)

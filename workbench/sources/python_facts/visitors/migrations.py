"""Migrations: the names of an Alembic revision, and what its upgrade and downgrade do in order."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from workbench.sources.python_facts.syntax import FUNCTIONS, Segment

PARTS = frozenset({"upgrade", "downgrade"})
ALONE = (b"def ", b"async def ", b"class ", b"import ", b"from ")
HEAD = ("revision", "down_revision", "branch_labels", "airflow_version")
# What Alembic's operations are called; a batch may be bound to another name.
OPERATIONS = frozenset({"op", "batch_op"})

Row = tuple[object, ...]


def visit(segment: Segment) -> Iterable[Row]:
    """Rows of the ``migrations`` family: at most a head, an upgrade and a downgrade."""
    module = segment.scopes[0]
    found: list[Row] = []
    if module.kind != "module":
        return found
    # A segment that begins with a definition or an import holds nothing else.
    if not segment.text.startswith(ALONE) and b"down_revision" in segment.text:
        found += _head(segment)
    for scope in segment.scopes[1:]:
        node = scope.node
        if isinstance(node, FUNCTIONS) and node.name in PARTS and scope.above is module:
            done = [f"{root}.{name}" for _, _, root, name in sorted(_operations(node))]
            if done:
                found.append((node.name, segment.line(node), node.name, *[None] * len(HEAD), done))
    return found


def _head(segment: Segment) -> Iterator[Row]:
    """One row when the module says which revision it is and which it follows."""
    said: dict[str, str | None] = {}
    line = 0
    for node, statement in segment.of(ast.Assign, ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if statement.scope is not segment.scopes[0] or node.value is None:
            continue
        for target in targets:
            if isinstance(target, ast.Name) and target.id in HEAD:
                said[target.id] = _said(segment, node.value)
                if target.id == "revision":
                    line = segment.line(node)
    if said.get("revision") is not None and "down_revision" in said:
        yield "", line, "head", *[said.get(name) for name in HEAD], []


def _said(segment: Segment, node: ast.expr) -> str | None:
    """A text without its quotes, several of them joined; anything else as written."""
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, str)):
        return node.value
    if isinstance(node, ast.Tuple | ast.List):
        return ", ".join(_said(segment, part) or "None" for part in node.elts)
    return segment.written(node)


def _operations(function: ast.AST) -> Iterator[tuple[int, int, str, str]]:
    """Place, receiver and name of every operation; a batch of any name reads ``batch_op``."""
    batches: set[str] = set()
    calls = []
    for node in ast.walk(function):
        if isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
            made = node.context_expr
            if isinstance(made, ast.Call) and _is(made.func, "batch_alter_table"):
                batches.add(node.optional_vars.id)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            calls.append(node.func)
    for called in calls:
        receiver = called.value
        if isinstance(receiver, ast.Name):
            root = "batch_op" if receiver.id in batches else receiver.id
            if root in OPERATIONS:
                # By its end: of a chain over several lines, the start is where all begin.
                place = called.end_lineno or 0, called.end_col_offset or 0
                yield *place, root, called.attr


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name

"""Arguments of a call by place or keyword, and constants among them."""

from __future__ import annotations

import ast

from workbench.sources.python_facts.syntax import Segment
from workbench.sources.python_facts.visitors.annotations import last_name, readable

TEXT_KEPT = 200  # characters
LARGEST = 2**32 - 1


def keyword(call: ast.Call, *names: str) -> ast.expr | None:
    """Value of the first keyword of these names that is given."""
    for name in names:
        for each in call.keywords:
            if each.arg == name:
                return each.value
    return None


def given(call: ast.Call, at: int | None, *names: str) -> ast.expr | None:
    """An argument, by keyword or by place; null when a starred one stands before its place."""
    found = keyword(call, *names)
    if found is not None or at is None or at >= len(call.args):
        return found
    starred = any(isinstance(argument, ast.Starred) for argument in call.args[: at + 1])
    return None if starred else call.args[at]


def flag(node: ast.expr | None, *, otherwise: bool | None) -> bool | None:
    """A constant true or false; null when it is computed."""
    if node is None:
        return otherwise
    return bool(node.value) if isinstance(node, ast.Constant) else None


def is_none(node: ast.expr | None) -> bool:
    """Whether it is not given or given as None."""
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def is_text(node: ast.expr | None) -> bool:
    """Whether it is a plain string."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def count(node: ast.expr | None) -> int | None:
    """A constant that can be stored as a length."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value if 0 < node.value <= LARGEST else None
    return None


def name_text(segment: Segment, node: ast.expr | None) -> str | None:
    """A name given as a string, without quotes; as written when it is computed, null for None."""
    if is_none(node):
        return None
    assert node is not None
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return readable(node.value)
    if isinstance(node, ast.Call) and node.args and last_name(node) in ("f", "quoted_name", "conv"):
        return name_text(segment, node.args[0])
    return segment.written(node)[:TEXT_KEPT]


def items(node: ast.expr | None) -> list[ast.expr]:
    """Parts of a list or tuple; a single string is one of its own, what is computed is unknown."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [each for each in node.elts if not isinstance(each, ast.Starred)]
    return [node] if node is not None and is_text(node) else []

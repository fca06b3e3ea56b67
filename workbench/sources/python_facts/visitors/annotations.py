"""Annotations as visitors read them: quotes left out, unions taken apart, what they wrap."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from copy import deepcopy
from functools import lru_cache

from workbench.sources.python_facts.syntax import Segment, children, simple_text, unparsed

UNIONS = frozenset({"Union", "Optional"})
# What says something about a field, but not which values it holds.
WRAPPERS = frozenset(
    {"Annotated", "Final", "Required", "NotRequired", "ReadOnly", "InitVar", "ClassVar"}
)
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
# Other ways to write the same, and what says nothing about values.
RESPELLED = re.compile(rb"[\"']|Optional\[|Union\[|(?:List|Dict|Set|FrozenSet|Tuple|Type)\b")
LOWERED = frozenset({"List", "Dict", "Set", "FrozenSet", "Tuple", "Type"})
DESCRIBING = frozenset({"title", "description", "examples", "example", "json_schema_extra"})


def last_name(node: ast.AST | None) -> str:
    """Last part of a name, of what is called or of what is subscripted; empty for all else."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def readable(text: str) -> str:
    """A string of the source that can be stored: half characters are written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def unquoted(node: ast.expr) -> ast.expr:
    """An annotation, read out of its quotes when it stands in some."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _parsed(node.value) or node
    return node


def plain_text(node: ast.expr) -> str:
    """Text of what may have stood in quotes, whose place in the file is not known."""
    return simple_text(node) or unparsed(node)


def annotation_text(segment: Segment, node: ast.expr) -> str:
    """An annotation on one line, in one spelling.

    Quotes around names, titles and descriptions go; ``Optional`` and ``Union`` are written with
    bars, ``List`` as ``list``.
    """
    source = segment.source(node)
    if RESPELLED.search(source) is None:
        return segment.written(node)
    return _respelled(source) or segment.written(node)


def options(node: ast.expr) -> Iterator[ast.expr]:
    """Members of a union, wrappers around it and inside left out; else what it is itself."""
    pending = [node]
    while pending:
        each = unquoted(pending.pop())
        if isinstance(each, ast.BinOp) and isinstance(each.op, ast.BitOr):
            pending += [each.right, each.left]
            continue
        if isinstance(each, ast.Subscript):
            name, items = last_name(each), items_of(each)
            if name in UNIONS:
                if name == "Optional":
                    yield ast.Constant(None)
                pending += items[::-1]
                continue
            if name in WRAPPERS and items:
                pending.append(items[0])
                continue
        yield each


def items_of(node: ast.Subscript) -> list[ast.expr]:
    """What stands between the brackets."""
    return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]


def metadata_of(node: ast.expr) -> Iterator[ast.expr]:
    """What ``Annotated`` says besides the type, as far as it is the outermost or wrapped once."""
    node = unquoted(node)
    while isinstance(node, ast.Subscript) and last_name(node) in WRAPPERS:
        first, *rest = items_of(node) or [node.slice]
        if last_name(node) == "Annotated":
            yield from rest
        node = unquoted(first)


def may_be_none(node: ast.expr) -> bool:
    """Whether an annotation says that the value may be None."""
    for each in options(node):
        values = [each]
        if isinstance(each, ast.Subscript) and last_name(each) == "Literal":
            values = items_of(each)
        if any(isinstance(value, ast.Constant) and value.value is None for value in values):
            return True
    return False


def literal_values(node: ast.expr) -> Iterator[ast.expr]:
    """Values of every ``Literal`` in an annotation, in order."""
    node = unquoted(node)
    if isinstance(node, ast.Subscript) and last_name(node) == "Literal":
        for item in items_of(node):
            if isinstance(item, ast.Subscript):
                yield from literal_values(item)
            else:
                yield item
        return
    if isinstance(node, ast.Subscript) and last_name(node) == "Annotated":
        yield from literal_values(items_of(node)[0] if items_of(node) else node.slice)
        return
    for child in children(node):
        if isinstance(child, ast.expr):
            yield from literal_values(child)


@lru_cache(maxsize=1 << 14)
def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except UNREADABLE:
        return None


@lru_cache(maxsize=1 << 14)
def _respelled(source: bytes) -> str:
    try:
        tree = ast.parse(b"(" + source + b"\n)", mode="eval")
    except UNREADABLE:
        return ""
    return unparsed(_Respelling().visit(tree.body))


class _Respelling(ast.NodeTransformer):
    """Brings an annotation to one spelling; strings in ``Literal`` and in metadata are values."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        inner = unquoted(node)
        if inner is node or isinstance(inner, ast.Constant):
            return inner
        return self._visited(deepcopy(inner))  # what is parsed once is not to be changed

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(node.id.lower(), ast.Load()) if node.id in LOWERED else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return ast.Name(node.attr.lower(), ast.Load()) if node.attr in LOWERED else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        name, items = last_name(node), items_of(node)
        if name == "Literal" or not items:
            return node
        if name == "Annotated":
            said = [each for each in items[1:] if not _describes(each)]
            first = self._visited(items[0])
            if not said:
                return first
            node.slice = ast.Tuple([first, *said], ast.Load())
            return node
        if name in UNIONS:
            items = [self._visited(each) for each in items]
            if name == "Optional":
                items.append(ast.Constant(None))
            whole = items[0]
            for each in items[1:]:
                whole = ast.BinOp(whole, ast.BitOr(), each)
            return whole
        node.value = self._visited(node.value)
        node.slice = self._visited(node.slice)
        return node

    def _visited(self, node: ast.expr) -> ast.expr:
        found = self.visit(node)
        assert isinstance(found, ast.expr)
        return found


def _describes(node: ast.expr) -> bool:
    """Whether metadata only describes; what describes in it is taken out."""
    if not isinstance(node, ast.Call):
        return False
    described = bool(node.keywords)
    node.keywords = [each for each in node.keywords if each.arg not in DESCRIBING]
    return described and not node.keywords and not node.args

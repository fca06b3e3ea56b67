"""Definitions: classes, functions, methods, class attributes, module constants, by their bodies."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from zlib import crc32

from workbench.sources.python_facts.syntax import (
    DEFINITIONS,
    Definition,
    Scope,
    Segment,
    is_docstring,
)

SKETCH = 16
TRAILING_COMMENT = re.compile(rb"\s+#[^\"']*$")
# Layout that formatters change: blank space, quotes, a comma before a closing bracket.
QUOTES = bytes.maketrans(b"'", b'"')
BLANKS = b" \t\n\\"
LAST_COMMA = re.compile(rb",(?=[)\]}])")

Row = tuple[object, ...]


def visit(segment: Segment) -> Iterator[Row]:
    """Rows of the ``definitions`` family, nested ones and those under if and try included."""
    for definition, statement in segment.of(*DEFINITIONS):
        yield _definition(segment, statement.scope, definition)
    for assignment, statement in segment.of(ast.Assign, ast.AnnAssign):
        if statement.scope.kind != "function":
            yield from _assigned(segment, statement.scope, assignment)


def assigned_names(node: ast.Assign | ast.AnnAssign) -> Iterator[ast.Name]:
    """Names that an assignment binds, those in tuples included."""
    pending: list[ast.expr] = node.targets[::-1] if isinstance(node, ast.Assign) else [node.target]
    while pending:
        target = pending.pop()
        if isinstance(target, ast.Name):
            yield target
        elif isinstance(target, ast.Tuple | ast.List):
            pending.extend(target.elts[::-1])
        elif isinstance(target, ast.Starred):
            pending.append(target.value)


@lru_cache(maxsize=1 << 16)
def is_public(qualname: str) -> bool:
    """No part starts with an underscore, dunders excepted."""
    return not any(
        part.startswith("_") and not (part.startswith("__") and part.endswith("__"))
        for part in qualname.split(".")
    )


def _definition(segment: Segment, scope: Scope, node: Definition) -> Row:
    qualname = scope.named(node.name)
    bases: list[str] = []
    returns: str | None = None
    if isinstance(node, ast.ClassDef):
        kind, lines = "class", _class_lines(segment, node)
        bases = [segment.written(base) for base in node.bases]
        bases += [f"{k.arg or '**'}={segment.written(k.value)}" for k in node.keywords]
    else:
        kind = "method" if scope.kind == "class" else "function"
        returns = segment.written(node.returns) if node.returns else None
        first = 1 if is_docstring(node.body[0]) else 0
        lines = _lines_of(segment, node.body[first:])
    digest, sketch, count = fingerprint(lines, node.name)
    return (
        qualname,
        segment.line(node),
        kind,
        is_public(qualname),
        bases,
        [segment.written(decorator) for decorator in node.decorator_list],
        isinstance(node, ast.AsyncFunctionDef),
        returns,
        count,
        digest,
        sketch,
    )


def _assigned(segment: Segment, scope: Scope, node: ast.Assign | ast.AnnAssign) -> Iterator[Row]:
    kind = "attribute" if scope.kind == "class" else "constant"
    lines = segment.source(node.value).split(b"\n") if node.value else []
    for name in assigned_names(node):
        qualname = scope.named(name.id)
        digest, sketch, count = fingerprint(lines, name.id)
        line = segment.line(name)
        yield qualname, line, kind, is_public(qualname), [], [], False, None, count, digest, sketch


def _lines_of(segment: Segment, body: list[ast.stmt]) -> list[bytes]:
    if not body:
        return []
    first, last = body[0], body[-1]
    start = first.lineno
    if isinstance(first, DEFINITIONS) and first.decorator_list:
        start = first.decorator_list[0].lineno
    lines = segment.lines[start - 1 : last.end_lineno]
    if lines and first.lineno == start:  # none: the `pass` that a bare class head is parsed with
        lines[0] = lines[0][first.col_offset :]  # `def f(): return 1` on one line
    return lines


def _class_lines(segment: Segment, node: ast.ClassDef) -> list[bytes]:
    """Lines above the first method, because a class is cut there into segments."""
    body = node.body[1:] if is_docstring(node.body[0]) else node.body
    head: list[ast.stmt] = []
    for statement in body:
        if isinstance(statement, DEFINITIONS):
            break
        head.append(statement)
    return _lines_of(segment, head)


def fingerprint(lines: list[bytes], name: str) -> tuple[int, list[int], int]:
    """Digest, sketch and count of the lines of code of a body.

    Parameters
    ----------
    lines : list of bytes
        The body's lines.
    name : str
        Its own name, blanked where it stands in the body.

    Returns
    -------
    tuple of int, list of int, int
        Digest without layout; the 16 smallest line checksums; lines that are no comment or blank.
    """
    kept = []
    for raw in lines:
        line = raw.strip()
        if line and line[0] != 35:  # a comment
            if b"#" in line:
                line = TRAILING_COMMENT.sub(b"", line)
            kept.append(line)
    own = name.encode()
    text = b"\n".join(kept)
    if own in text:
        text = re.sub(rb"\b%b\b" % re.escape(own), b"_", text)
        kept = text.split(b"\n")
    sketch = sorted(set(map(crc32, kept)))[:SKETCH]
    plain = LAST_COMMA.sub(b"", text.translate(QUOTES, BLANKS))
    digest = int.from_bytes(blake2b(plain, digest_size=8).digest(), "little")
    return digest, sketch, len(kept)

"""Edits of a file's imports: names that a repair needs, names that it leaves without a use."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import libcst as cst

from workbench.analysis.dag_rules.edits import Edit, Source

Needed = frozenset[tuple[str, str]]
"""Modules, and names to import from them."""


def import_edits(
    source: Source, tree: ast.Module, *, needed: Iterable[tuple[str, str]], gone: frozenset[str]
) -> Iterator[Edit]:
    """Yield edits that add ``needed`` to imports there are, or below them, and drop ``gone``."""
    wanted: dict[str, list[str]] = {}
    bound = {name for node in _imports(tree) for name in _names(node)}
    for module, name in sorted(set(needed)):
        if name not in bound:
            wanted.setdefault(module, []).append(name)
    for node in _imports(tree):
        added = wanted.pop(node.module or "", []) if _takes(node) else []
        dropped = gone & set(_names(node))
        if added or dropped:
            yield _edited(source, node, added, dropped)
    lines = "".join(f"from {m} import {', '.join(names)}\n" for m, names in sorted(wanted.items()))
    if lines:
        place = after_imports(source, tree)
        yield Edit(place, place, lines)


def after_imports(source: Source, tree: ast.Module) -> int:
    """Offset of the line below the last import at the top of the file."""
    last = 0
    for at, node in enumerate(tree.body):
        told = isinstance(node, ast.Import | ast.ImportFrom)
        if told or (at == 0 and isinstance(node, ast.Expr)):
            last = source.line_span(node)[1]
    return last


def used(tree: ast.AST) -> set[str]:
    """Names that a tree reads or writes."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _imports(tree: ast.Module) -> list[ast.ImportFrom]:
    return [node for node in tree.body if isinstance(node, ast.ImportFrom)]


def _names(node: ast.ImportFrom) -> list[str]:
    return [alias.asname or alias.name for alias in node.names]


def _takes(node: ast.ImportFrom) -> bool:
    return not node.level and node.names[0].name != "*"


def _edited(source: Source, node: ast.ImportFrom, added: list[str], gone: frozenset[str]) -> Edit:
    start, end = source.span(node)
    if gone >= set(_names(node)) and not added:
        first, last = source.line_span(node)
        alone = source.text[first:start].strip() == "" and source.text[end:last].strip() == ""
        return Edit(first, last, "") if alone else Edit(start, end, "pass")
    statement = cst.parse_statement(source.text[start:end])
    assert isinstance(statement, cst.SimpleStatementLine)
    line = statement.body[0]
    assert isinstance(line, cst.ImportFrom)
    assert not isinstance(line.names, cst.ImportStar)
    kept = [alias for alias in line.names if _bound(alias) not in gone]
    between = [alias.comma for alias in kept[:-1]]
    for name in added:
        kept.append(cst.ImportAlias(name=cst.Name(name)))
    # the comma between two names that stay, so that a list down the page stays one
    between += [between[0] if between else COMMA] * (len(kept) - 1 - len(between))
    commas = [*between, line.names[-1].comma]
    if added:
        kept.sort(key=_rank)
    names = [a.with_changes(comma=c) for a, c in zip(kept, commas, strict=True)]
    if line.lpar is None:
        names[-1] = names[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    code = cst.Module(body=[]).code_for_node(line.with_changes(names=names))
    return Edit(start, end, code)


COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def _rank(alias: cst.ImportAlias) -> tuple[int, str]:
    """Constants, classes, functions, each by name: the order that import sorters make."""
    name = alias.name.value if isinstance(alias.name, cst.Name) else ""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name


def _bound(alias: cst.ImportAlias) -> str:
    name = alias.asname.name if alias.asname is not None else alias.name
    return name.value if isinstance(name, cst.Name) else ""

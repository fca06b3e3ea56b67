"""Mechanical repairs of a downstream's file: another import, keyword or literal, nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workbench.analysis.dag_rules.edits import Edit, Source, applied
from workbench.analysis.history.verify_evidence import parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A name that is to be imported from elsewhere, maybe by another name."""

    spelled: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """A keyword of the calls on some lines: called otherwise now, or (None) no longer taken."""

    lines: frozenset[int]
    function: str
    old: str
    new: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A value that is written otherwise now."""

    old: str
    new: str


Repair = Moved | Keyword | Literal


def repaired(text: str, repairs: Iterable[Repair]) -> str | None:
    """The file with the repairs made; None when there is nothing that a machine may change.

    What is returned parses, and differs from what was given.
    """
    for repair in repairs:
        tree = parsed(text)
        if tree is None:
            return None
        source = Source(text)
        if isinstance(repair, Moved):
            edits = list(_moved(source, tree, repair))
        elif isinstance(repair, Keyword):
            edits = list(_keyword(source, tree, repair))
        else:
            edits = list(_literal(source, tree, repair))
        if not edits:
            return None
        text = applied(text, edits)
        if parsed(text) is None:
            return None
    return text


def _moved(source: Source, tree: ast.Module, repair: Moved) -> Iterator[Edit]:
    """The import from the new place, and the uses when the name is another one."""
    module, _, name = repair.spelled.rpartition(".")
    new_module, _, new_name = repair.now.rpartition(".")
    for node in tree.body:
        if not isinstance(node, ast.ImportFrom) or node.level or node.module != module:
            continue
        alias = next((a for a in node.names if a.name == name), None)
        if alias is None:
            continue
        renamed = alias.asname is None and name != new_name
        if renamed and not _only_read(tree, name, new_name):
            return
        written = new_name if alias.asname is None else f"{new_name} as {alias.asname}"
        yield from _import_edits(source, tree, node, alias, (new_module, written))
        if renamed:
            for use in ast.walk(tree):
                if isinstance(use, ast.Name) and use.id == name:
                    yield Edit(*source.span(use), new_name)
        return


def _import_edits(
    source: Source,
    tree: ast.Module,
    node: ast.ImportFrom,
    alias: ast.alias,
    new: tuple[str, str],
) -> Iterator[Edit]:
    """The new import in the place of the old one, or in a line above what else is imported."""
    module, written = new
    line = f"from {module} import {written}"
    if len(node.names) == 1:
        yield Edit(*source.span(node), line)
    elif module == node.module:
        start = source.at(alias.lineno, alias.col_offset)
        assert alias.end_lineno is not None
        assert alias.end_col_offset is not None
        yield Edit(start, source.at(alias.end_lineno, alias.end_col_offset), written)
    else:
        start = source.line_span(node)[0]
        yield Edit(start, start, f"{line}\n")
        gone = frozenset({alias.asname or alias.name})
        # libcst takes a seventh of a second to import, wanted only where code is mended
        from workbench.analysis.dag_rules.import_edits import import_edits

        yield from import_edits(source, tree, needed=(), gone=gone)


def _only_read(tree: ast.Module, name: str, new_name: str) -> bool:
    """Whether a name is bound by its import alone, and the new one is free."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            return False
        if isinstance(node, ast.arg) and node.arg in (name, new_name):
            return False
        if isinstance(node, ast.Name) and node.id == new_name:
            return False
        defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        if isinstance(node, defined) and node.name in (name, new_name):
            return False
    return True


def _keyword(source: Source, tree: ast.Module, repair: Keyword) -> Iterator[Edit]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or node.lineno not in repair.lines:
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else None
        if (called or getattr(node.func, "id", "")) != repair.function:
            continue
        for keyword in node.keywords:
            if keyword.arg != repair.old:
                continue
            if repair.new is not None:
                start = source.at(keyword.lineno, keyword.col_offset)
                yield Edit(start, start + len(repair.old), repair.new)
            else:
                start, end = source.span(node)
                yield Edit(start, end, _without(source.text[start:end], repair.old))


def _without(call_text: str, keyword: str) -> str:
    """A call's text without one keyword argument, laid out as it was."""
    # in brackets, because a chain of calls down the page is no expression by itself
    import libcst as cst

    call = cst.parse_expression(f"({call_text})")
    assert isinstance(call, cst.Call)
    kept = [a for a in call.args if a.keyword is None or a.keyword.value != keyword]
    if kept and len(kept) < len(call.args) and call.args[-1] not in kept:
        kept[-1] = kept[-1].with_changes(comma=call.args[-1].comma)
    return cst.Module(body=[]).code_for_node(call.with_changes(args=kept))[1:-1]


def _literal(source: Source, tree: ast.Module, repair: Literal) -> Iterator[Edit]:
    """Every place where the old value is compared with, looked up or matched."""
    for node in _compared(tree):
        if not (isinstance(node, ast.Constant) and node.value == repair.old):
            continue
        start, end = source.span(node)
        quote = '"' if source.text[start:end].startswith('"') else "'"
        if source.text[start:end] == f"{quote}{repair.old}{quote}" and quote not in repair.new:
            yield Edit(start, end, f"{quote}{repair.new}{quote}")


def _compared(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for part in (node.left, *node.comparators):
                yield from part.elts if isinstance(part, ast.Tuple | ast.List | ast.Set) else [part]
        elif isinstance(node, ast.Dict):
            yield from (key for key in node.keys if key is not None)
        elif isinstance(node, ast.MatchValue):
            yield node.value

"""Imports that a repair has left without a use are taken out again."""

from __future__ import annotations

import ast

import libcst as cst


def tidied(before: str, after: str) -> str:
    """Return ``after`` without imports that lost their use, and with new names in order."""
    gone = (_used(before) - _used(after)) & _imported(after)
    new = _imported(after) - _imported(before)
    if not gone and not new:
        return after
    return cst.parse_module(after).visit(_Tidy(gone, new)).code


def _used(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def _imported(text: str) -> set[str]:
    return {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


class _Tidy(cst.CSTTransformer):
    """Takes names out of ``from`` imports, the line with the last of them; sorts what was added."""

    def __init__(self, gone: set[str], new: set[str]) -> None:
        super().__init__()
        self.gone, self.new = gone, new

    def leave_ImportFrom(  # noqa: N802 - libcst's name
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom | cst.RemovalSentinel:
        """Keep the names that are used."""
        if isinstance(updated_node.names, cst.ImportStar):
            return updated_node
        names = list(updated_node.names)
        kept = [alias for alias in names if _bound(alias) not in self.gone]
        if not kept:
            return cst.RemoveFromParent()
        if any(_bound(alias) in self.new for alias in kept):
            commas = [alias.comma for alias in kept]
            kept = [
                alias.with_changes(comma=comma)
                for alias, comma in zip(sorted(kept, key=_rank), commas, strict=True)
            ]
        if updated_node.lpar is None:
            kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return updated_node.with_changes(names=kept)

    def leave_Module(  # noqa: N802 - libcst's name
        self, original_node: cst.Module, updated_node: cst.Module
    ) -> cst.Module:
        """Leave the blank lines above a line that went to the next one."""
        after = iter(updated_node.body)
        body: list[cst.BaseCompoundStatement | cst.SimpleStatementLine] = []
        space: list[cst.EmptyLine] = []
        for statement in original_node.body:
            if _all_gone(statement, self.gone):
                space = [*space, *getattr(statement, "leading_lines", ())]
                continue
            kept = next(after)
            if space and not any(line.comment is None for line in kept.leading_lines):
                kept = kept.with_changes(leading_lines=[*space, *kept.leading_lines])
            space = []
            body.append(kept)
        return updated_node.with_changes(body=body)


def _all_gone(statement: cst.CSTNode, gone: set[str]) -> bool:
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return False
    (line,) = statement.body
    if not isinstance(line, cst.ImportFrom) or isinstance(line.names, cst.ImportStar):
        return False
    return all(_bound(alias) in gone for alias in line.names)


def _rank(alias: cst.ImportAlias) -> tuple[int, str]:
    """Constants, classes, functions, each by name: the order that import sorters make."""
    name = alias.name.value if isinstance(alias.name, cst.Name) else ""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name


def _bound(alias: cst.ImportAlias) -> str:
    name = alias.asname.name if alias.asname is not None else alias.name
    return name.value if isinstance(name, cst.Name) else ""

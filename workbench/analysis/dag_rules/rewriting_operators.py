"""Edits of operators with the mixin, and of the calls that make tasks: what a line adds."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator

import libcst as cst

from workbench.analysis.dag_rules.drafts import Draft, Repair
from workbench.analysis.dag_rules.edits import Edit, Source
from workbench.analysis.dag_rules.rewriting_classes import with_keyword

CODE = cst.Module(body=[])
RETRIES = "2"
"""What an operator without retries is given: the mixin needs one, and a second after a crash."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def keyword_edit(source: Source, place: ast.expr, name: str, value: str) -> Edit:
    """Return the edit that gives a decorator or an operator's call a keyword argument."""
    start, end = source.span(place)
    made = cst.parse_expression(source.text[start:end])
    call = made if isinstance(made, cst.Call) else cst.Call(func=made)
    return Edit(start, end, CODE.code_for_node(with_keyword(call, name, value)))


def _delegate_edits(source: Source, draft: Draft) -> Iterator[Edit]:
    """The body of ``execute`` hands over to the mixin; a docstring stays."""
    node = draft.node
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    context = node.args.args[1].arg if len(node.args.args) > 1 else "context"
    keeps = ast.get_docstring(node) is not None and len(node.body) > 1
    first = node.body[1 if keeps else 0]
    start, end = source.span(first)[0], source.span(node)[1]
    yield Edit(start, end, f"return self.execute_resumable({context})")


def _execute_edits(source: Source, draft: Draft) -> Iterator[Edit]:
    """An ``execute`` in front of the class's first method, else at its end."""
    node = draft.node
    assert isinstance(node, ast.ClassDef)
    methods = (item for item in node.body if isinstance(item, FUNCTIONS))
    method = next(methods, None)
    indent = " " * node.body[0].col_offset
    lines = f"def execute(self, context):\n{indent}    return self.execute_resumable(context)\n"
    if node.body[0].lineno == node.lineno:
        return  # a class on one line
    if method is not None:
        at = _first_line(source, method)
        yield Edit(at, at, f"{indent}{lines}\n")
        return
    at = source.line_span(node.body[-1])[1]
    gap = "" if at == 0 or source.text[at - 1] == "\n" else "\n"
    yield Edit(at, at, f"{gap}\n{indent}{lines}")


def _retries_edits(source: Source, draft: Draft) -> Iterator[Edit]:
    assert isinstance(draft.node, ast.Call)
    yield keyword_edit(source, draft.node, "retries", RETRIES)


def _key_edits(source: Source, draft: Draft) -> Iterator[Edit]:
    """The attribute gets the former text, or is written down where the class leaves it out."""
    node, old = draft.node, json.dumps(draft.fields["old"])
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        yield Edit(*source.span(node.value), old)
    elif isinstance(node, ast.ClassDef) and node.body[0].lineno != node.lineno:
        first = node.body[0]
        told = ast.get_docstring(node) is not None
        at = source.line_span(first)[1] if told else _first_line(source, first)
        yield Edit(at, at, f"{' ' * first.col_offset}external_id_key = {old}\n")


def _first_line(source: Source, node: ast.stmt) -> int:
    """Offset of the line that a statement begins on, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return source.starts[min([node.lineno, *(d.lineno for d in decorators)]) - 1]


CLASS_EDITS: dict[Repair, Callable[[Source, Draft], Iterator[Edit]]] = {
    Repair.DELEGATE: _delegate_edits,
    Repair.EXECUTE: _execute_edits,
    Repair.RETRIES: _retries_edits,
    Repair.FORMER_KEY: _key_edits,
}

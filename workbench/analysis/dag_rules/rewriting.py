"""Texts of DAG files rewritten: calls of kept state, signatures, imports, classes."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

import libcst as cst
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor, ImportItem
from libcst.metadata import MetadataWrapper, PositionProvider

from workbench.analysis.dag_rules.drafts import Draft, Repair, Study
from workbench.analysis.dag_rules.rewriting_calls import (
    Place,
    aware_clock,
    store_call,
    with_map_index,
)
from workbench.analysis.dag_rules.rewriting_classes import delegating, mixin_first, with_inlet
from workbench.analysis.dag_rules.tidy_imports import tidied
from workbench.analysis.dag_rules.values import Event

STORES = {
    Repair.TASK_STORE: "task_state_store",
    Repair.ASSET_STORE: "asset_state_store",
    Repair.NEW_ASSET: "asset_state_store",
    Repair.MAPPED_KEY: "ti",
}


UNLIKE = frozenset({"get_one", "get_value", "update", "setdefault"})
"""Calls that a store has no call for."""


@dataclass(slots=True, kw_only=True)
class Plan:
    """What is to be changed where: calls by their place, functions that need a parameter."""

    calls: dict[Place, tuple[Event, str]] = field(default_factory=dict)
    parameters: dict[tuple[int, str], str] = field(default_factory=dict)
    imports: list[ImportItem] = field(default_factory=list)
    asset: str = ""


def rewritten(text: str, draft: Draft, study: Study) -> str | None:
    """Return the text with a draft's repair done, or None when the text does not allow it."""
    try:
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    except (cst.ParserSyntaxError, RecursionError):
        return None
    plan = _plan(text, draft, study)
    if plan is None:
        return None
    change = Rewriter(plan=plan, draft=draft, text=text)
    module = wrapper.visit(change)
    if not change.done:
        return None
    context = CodemodContext()
    module = AddImportsVisitor(context, [*plan.imports, *change.imports]).transform_module(module)
    if draft.repair is Repair.NEW_ASSET:
        module = _with_asset(module, plan.asset, draft.key)
    return tidied(text, module.code)


def _plan(text: str, draft: Draft, study: Study) -> Plan | None:
    plan = Plan()
    if draft.repair not in STORES:
        return plan
    name = STORES[draft.repair]
    if draft.repair is Repair.NEW_ASSET:
        plan.asset = _asset_name(draft.key, study)
        plan.imports.append(ImportItem("airflow.sdk", "Asset"))
    for event in draft.events:
        node = event.node
        if not isinstance(node, ast.Call) or event.template:
            return None
        if isinstance(node.func, ast.Attribute) and node.func.attr in UNLIKE:
            return None
        access = _access(event, draft, name, plan)
        if draft.repair is Repair.ASSET_STORE:
            access += f"[{draft.fields['asset']}]"
        elif draft.repair is Repair.NEW_ASSET:
            access += f"[{plan.asset}]"
        plan.calls[place_of(text, node)] = (event, access)
    return plan


def _access(event: Event, draft: Draft, name: str, plan: Plan) -> str:
    """How the code at an event reaches an entry of the task's context."""
    function = event.function
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    arguments = function.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    task = draft.task
    entry = task is not None and function is task.entry
    if name in names:
        return name
    if entry and task is not None and task.owner is not None and len(arguments.args) > 1:
        return f'{arguments.args[1].arg}["{name}"]'
    if "context" in names:
        return f'context["{name}"]'
    if entry and arguments.kwarg:
        return f'{arguments.kwarg.arg}["{name}"]'
    if entry:
        plan.parameters[(function.lineno, function.name)] = name
        return name
    plan.imports.append(ImportItem("airflow.sdk", "get_current_context"))
    return f'get_current_context()["{name}"]'


def _asset_name(key: str, study: Study) -> str:
    name = "".join(c if c.isalnum() else "_" for c in key).strip("_").upper() or "STATE"
    name = f"STATE_{name}" if name[0].isdigit() else name
    module = study.module
    while name in module.assigned or name in module.imports or name in module.functions:
        name += "_ASSET"
    return name


def place_of(text: str, node: ast.expr) -> Place:
    """Start and end of a node, counted in characters as libcst counts."""
    lines = text.split("\n")

    def column(line: int, offset: int) -> int:
        return len(lines[line - 1].encode()[:offset].decode(errors="replace"))

    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return (
        node.lineno,
        column(node.lineno, node.col_offset),
        node.end_lineno,
        column(node.end_lineno, node.end_col_offset),
    )


class Rewriter(cst.CSTTransformer):
    """Carries out a plan in one walk over the tree."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, *, plan: Plan, draft: Draft, text: str) -> None:
        super().__init__()
        self.plan, self.draft = plan, draft
        self.done = False
        self.imports: list[ImportItem] = []
        task = draft.task
        place = task.place if task is not None and draft.repair is Repair.NEW_ASSET else None
        self.maker = place_of(text, place) if place is not None else None

    def leave_Call(  # noqa: N802 - libcst's name
        self, original_node: cst.Call, updated_node: cst.Call
    ) -> cst.BaseExpression:
        """Rewrite the calls of the plan, the naive clock, the operator's own call."""
        at = self._at(original_node)
        if at in self.plan.calls:
            event, access = self.plan.calls[at]
            self.done = True
            if self.draft.repair is Repair.MAPPED_KEY:
                return with_map_index(updated_node, access)
            return store_call(updated_node, event, access)
        if at == self.maker:
            return with_inlet(updated_node, self.plan.asset)
        if self.draft.repair is Repair.CLOCK and str(at[0]) == self.draft.fields["line"]:
            made = aware_clock(updated_node)
            if made is not None:
                self.done = True
                self.imports += made.imports
                return made.call
        return updated_node

    def leave_Decorator(  # noqa: N802 - libcst's name
        self, original_node: cst.Decorator, updated_node: cst.Decorator
    ) -> cst.Decorator:
        """Give a decorator without arguments its inlet."""
        plain = not isinstance(updated_node.decorator, cst.Call)
        if plain and self._at(original_node.decorator) == self.maker:
            call = with_inlet(cst.Call(func=updated_node.decorator), self.plan.asset)
            return updated_node.with_changes(decorator=call)
        return updated_node

    def leave_FunctionDef(  # noqa: N802 - libcst's name
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        """Give a task's function the parameter that it needs."""
        line = self.get_metadata(PositionProvider, original_node.name).start.line
        name = self.plan.parameters.get((line, original_node.name.value))
        if name is not None:
            return updated_node.with_changes(params=_with_parameter(updated_node.params, name))
        execute = getattr(self.draft.node, "lineno", 0) == line
        if self.draft.repair is Repair.DELEGATE and execute:
            self.done = True
            return delegating(updated_node)
        return updated_node

    def leave_ClassDef(  # noqa: N802 - libcst's name
        self, original_node: cst.ClassDef, updated_node: cst.ClassDef
    ) -> cst.ClassDef:
        """Put the mixin in front."""
        first = self.draft.repair is Repair.MIXIN_FIRST
        if first and original_node.name.value == self.draft.name:
            self.done = True
            return mixin_first(updated_node)
        return updated_node

    def _at(self, node: cst.CSTNode) -> Place:
        where = self.get_metadata(PositionProvider, node)
        return where.start.line, where.start.column, where.end.line, where.end.column


def _with_parameter(params: cst.Parameters, name: str) -> cst.Parameters:
    added = cst.Param(name=cst.Name(name), default=cst.Name("None"), equal=_EQUAL)
    if isinstance(params.star_arg, cst.Param | cst.ParamStar):
        return params.with_changes(kwonly_params=[*params.kwonly_params, added])
    return params.with_changes(params=[*params.params, added])


_EQUAL = cst.AssignEqual(
    whitespace_before=cst.SimpleWhitespace(""), whitespace_after=cst.SimpleWhitespace("")
)


def _with_asset(module: cst.Module, name: str, key: str) -> cst.Module:
    """Put the new asset below the imports."""
    made = cst.parse_statement(f"{name} = Asset(name={key!r})\n".replace("'", '"'))
    at = _after_imports(module.body)
    body = [*module.body]
    space = [cst.EmptyLine(indent=False)]
    body.insert(at, made.with_changes(leading_lines=space))
    return module.with_changes(body=body)


def _after_imports(body: Sequence[cst.CSTNode]) -> int:
    last = 0
    for at, statement in enumerate(body):
        if isinstance(statement, cst.SimpleStatementLine) and isinstance(
            statement.body[0], cst.Import | cst.ImportFrom
        ):
            last = at + 1
    return last

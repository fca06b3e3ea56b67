"""Texts of DAG files rewritten: calls of kept state, signatures, imports, classes.

Only the pieces that change are parsed by libcst, which keeps their comments and layout: a whole
file would take it fifty times as long.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import libcst as cst

from workbench.analysis.dag_rules.drafts import Draft, Repair, Study
from workbench.analysis.dag_rules.edits import Edit, Source, applied
from workbench.analysis.dag_rules.import_edits import after_imports, import_edits, used
from workbench.analysis.dag_rules.rewriting_calls import (
    aware_clock,
    store_call,
    with_map_index,
    xcom_call,
)
from workbench.analysis.dag_rules.rewriting_classes import (
    mixin_first,
    with_parameter,
    with_required,
)
from workbench.analysis.dag_rules.rewriting_operators import CLASS_EDITS, keyword_edit
from workbench.analysis.dag_rules.tasks import Task
from workbench.analysis.dag_rules.values import Act, Event, Kept

STORES = {
    Repair.TASK_STORE: "task_state_store",
    Repair.ASSET_STORE: "asset_state_store",
    Repair.NEW_ASSET: "asset_state_store",
    Repair.MAPPED_KEY: "ti",
    Repair.HANDOVER: "ti",
}
UNLIKE = frozenset({"get_one", "get_value", "update", "setdefault"})
"""Calls that a store has no call for."""
CONTEXT = "context"
SAME = {"timezone": ("airflow.utils.timezone", "airflow.sdk.timezone")}
"""Modules that have what a repair takes from a class of the same name."""
UNREACHED, ALONE = "?", "!"
"""The store of one of several assets that has no name, and that of the only one."""
DEFAULTS = frozenset({"default", "default_var"})
AWAITED = frozenset({"aget", "aset"})
CODE = cst.Module(body=[])
Definition = TypeVar("Definition", cst.FunctionDef, cst.ClassDef)


@dataclass(slots=True, kw_only=True)
class Plan:
    """What is to be changed: calls with how they reach the store, functions, imports."""

    calls: list[tuple[ast.Call, Event, str]] = field(default_factory=list)
    parameters: dict[ast.FunctionDef | ast.AsyncFunctionDef, str] = field(default_factory=dict)
    imports: list[tuple[str, str]] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    asset: str = ""


def rewritten(text: str, draft: Draft, study: Study) -> str | None:
    """Return the text with a draft's repair done, or None when the text does not allow it."""
    source, tree = Source(text), study.module.tree
    try:
        plan = _plan(source, draft, study)
        if plan is None:
            return None
        changed = applied(text, plan.edits)
        gone = frozenset(used(tree) - used(ast.parse(changed)))
        imports = import_edits(source, tree, needed=plan.imports, gone=gone)
        return applied(text, [*imports, *plan.edits])
    except (cst.ParserSyntaxError, SyntaxError, RecursionError):
        return None


def _plan(source: Source, draft: Draft, study: Study) -> Plan | None:
    plan = Plan()
    if draft.repair in STORES:
        if not _plan_calls(draft, study, plan):
            return None
        plan.edits += _call_edits(source, plan, draft)
        plan.edits += [_signature(source, node, name) for node, name in plan.parameters.items()]
        if draft.repair is Repair.NEW_ASSET:
            plan.edits += _asset_edits(source, draft, study, plan)
        if (
            draft.repair is Repair.ASSET_STORE
            and draft.reader
            and not {"inlets", "outlets"} & draft.reader.keywords.keys()
        ):
            plan.edits += _inlet_edits(source, draft.reader, draft.fields["asset"])
    elif draft.repair is Repair.CLOCK:
        plan.edits += _clock_edits(source, draft, study, plan)
    elif draft.repair is Repair.MIXIN_FIRST:
        plan.edits.append(_class_edit(source, draft, study))
    elif draft.repair in CLASS_EDITS:
        plan.edits += CLASS_EDITS[draft.repair](source, draft)
    return plan if plan.edits else None


def _plan_calls(draft: Draft, study: Study, plan: Plan) -> bool:
    assert draft.repair is not None
    name = STORES[draft.repair]
    if draft.repair is Repair.NEW_ASSET:
        plan.asset = _asset_name(draft.key, study)
        plan.imports.append(("airflow.sdk", "Asset"))
    for event in draft.events:
        node = event.node
        if not isinstance(node, ast.Call) or not _rewritable(node, event, draft):
            return False
        access = _access(event, draft, name, plan)
        if draft.repair is Repair.ASSET_STORE:
            asset = _made_by_itself(draft) or f"[{draft.fields['asset']}]"
            if asset == UNREACHED:
                return False
            access += asset.removesuffix(ALONE)
        elif draft.repair is Repair.NEW_ASSET:
            access += f"[{plan.asset}]"
        plan.calls.append((node, event, access))
    return True


def _rewritable(node: ast.Call, event: Event, draft: Draft) -> bool:
    """Whether a store has a call that does the same."""
    called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if event.template or called in UNLIKE or ast.unparse(node.func).startswith("self.xcom_"):
        return False  # an operator's own call takes the context first
    if draft.repair is Repair.HANDOVER and called in AWAITED:
        return False
    if not all(k.arg for k in node.keywords) or ast.Starred in map(type, node.args):
        return False  # what is given stands elsewhere
    fallback = len(node.args) > 1 or any(k.arg in DEFAULTS for k in node.keywords)
    # a store does not raise for a key that is not there
    return not (event.tried and event.kept is Kept.VARIABLE and event.act is Act.READ) or fallback


def _made_by_itself(draft: Draft) -> str:
    """How a function that is an asset itself picks its store: it has no name for the asset."""
    task = draft.task
    if task is None or not task.is_asset or draft.fields["asset"] != task.entry.name:
        return ""
    arguments = task.entry.args
    given = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    others = set(given) - {"self", "context"}
    return "[self]" if "self" in given else UNREACHED if others else ALONE


def _access(event: Event, draft: Draft, name: str, plan: Plan) -> str:
    """How the code at an event reaches an entry of the task's context."""
    function = event.function
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    arguments = function.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    entry = next((task for task in draft.tasks if function is task.entry), None)
    if name in names and not (entry and entry.is_asset):
        return name
    if entry and entry.owner is not None and len(arguments.args) > 1:
        return f'{arguments.args[1].arg}["{name}"]'
    if CONTEXT in names:
        return f'{CONTEXT}["{name}"]'
    if entry and entry.is_asset:
        plan.parameters[function] = CONTEXT  # parameters of other names stand for assets
        return f'{CONTEXT}["{name}"]'
    if entry and arguments.kwarg:
        return f'{arguments.kwarg.arg}["{name}"]'
    if entry:
        plan.parameters[function] = name
        return name
    plan.imports.append(("airflow.sdk", "get_current_context"))
    return f'get_current_context()["{name}"]'


def _call_edits(source: Source, plan: Plan, draft: Draft) -> list[Edit]:
    """Rewrite calls from the inside out, so that one in another's arguments is there already."""
    made: list[Edit] = []
    spans = {node: source.span(node) for node, _, _ in plan.calls}
    for node, event, access in sorted(plan.calls, key=lambda c: spans[c[0]][1] - spans[c[0]][0]):
        start, end = spans[node]
        inner = [
            Edit(e.start - start, e.end - start, e.text) for e in made if start <= e.start < end
        ]
        call = cst.parse_expression(applied(source.text[start:end], inner))
        assert isinstance(call, cst.Call)
        if draft.repair is Repair.MAPPED_KEY:
            after = with_map_index(call, access)
        elif draft.repair is Repair.HANDOVER:
            after = xcom_call(call, event, access, draft.fields["other"])
        else:
            after = store_call(call, event, access)
        made.append(Edit(start, end, CODE.code_for_node(after)))
    return made


def _signature(source: Source, node: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> Edit:
    def changed(statement: cst.FunctionDef) -> cst.FunctionDef:
        add = with_required if name == CONTEXT else with_parameter
        return statement.with_changes(params=add(statement.params, name))

    return _definition(source, node, cst.FunctionDef, changed)


def _class_edit(source: Source, draft: Draft, study: Study) -> Edit:
    return _definition(source, study.module.classes[draft.name], cst.ClassDef, mixin_first)


def _definition(
    source: Source,
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
    kind: type[Definition],
    change: Callable[[Definition], Definition],
) -> Edit:
    """Change what stands before a definition's body."""
    start, end = _head(source, node)
    head = source.text[start:end]
    told = head.rstrip()
    body = "\n    pass" if "\n" in head[len(told) :] else " pass"
    statement = cst.parse_statement(f"{told}{body}\n")
    assert isinstance(statement, kind)
    code = CODE.code_for_node(change(statement)).rstrip("\n").removesuffix(body)
    return Edit(start, end, code + head[len(told) :])


def _head(
    source: Source, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
) -> tuple[int, int]:
    """Offsets of a definition from its first word to its body."""
    first = node.body[0]
    decorators = getattr(first, "decorator_list", [])
    if decorators:
        start = source.at(decorators[0].lineno, decorators[0].col_offset) - 1
        return source.span(node)[0], source.text.rindex("@", 0, start + 1)
    return source.span(node)[0], source.span(first)[0]


def _asset_edits(source: Source, draft: Draft, study: Study, plan: Plan) -> Iterator[Edit]:
    """The new asset below the imports, and among the task's inlets."""
    assert draft.task is not None
    yield from _inlet_edits(source, draft.task, plan.asset)
    at = after_imports(source, study.module.tree)
    name = draft.key.replace("\\", "\\\\").replace('"', '\\"')
    yield Edit(at, at, f'\n{plan.asset} = Asset(name="{name}")\n')


def _inlet_edits(source: Source, task: Task, asset: str) -> Iterator[Edit]:
    if task.place is not None:
        yield keyword_edit(source, task.place, "inlets", f"[{asset}]")


def _asset_name(key: str, study: Study) -> str:
    name = "".join(c if c.isascii() and c.isalnum() else "_" for c in key).strip("_").upper()
    name = f"STATE_{name}" if not name or name[0].isdigit() else name
    module = study.module
    while name in module.assigned or name in module.imports or name in module.functions:
        name += "_ASSET"
    return name


def _clock_edits(source: Source, draft: Draft, study: Study, plan: Plan) -> Iterator[Edit]:
    module = study.module
    for node in module.calls:
        if str(node.lineno) == draft.fields["line"]:
            start, end = source.span(node)
            call = cst.parse_expression(source.text[start:end])
            day = module.dotted(node.func).endswith("date.today")
            made = aware_clock(call, day=day) if isinstance(call, cst.Call) else None
            taken = made and any(_means_other(study, *wanted) for wanted in made.imports)
            if made is not None and not taken:
                plan.imports += made.imports
                yield Edit(start, end, CODE.code_for_node(made.call))


def _means_other(study: Study, origin: str, name: str) -> bool:
    """Whether a name that a repair would import stands for something else in the file."""
    module = study.module
    bound = module.imports.get(name)
    return (
        name in module.assigned
        or name in module.functions
        or name in module.classes
        or bound not in (None, f"{origin}.{name}", *SAME.get(name, ()))
    )

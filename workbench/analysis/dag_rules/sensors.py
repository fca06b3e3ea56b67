"""S6: one task submits a job and another, a sensor, waits for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from workbench.analysis.dag_rules.drafts import Draft, Study
from workbench.analysis.dag_rules.flow import Flow
from workbench.analysis.dag_rules.modules import Module
from workbench.analysis.dag_rules.tasks import Task, made_with
from workbench.analysis.dag_rules.values import Act, Kept, Source
from workbench.analysis.dag_rules.words import SENSOR, SUBMITS
from workbench.domain.dag_rules import Primitive

PULLED = re.compile(r"xcom_pull\([^)]*?['\"]([\w.\-]+)['\"]")


def sensors(study: Study) -> Iterator[Draft]:
    """Find sensors that wait for a job which a task of the same file has submitted."""
    submits = {
        name: flow
        for flow in study.flows
        if not flow.task.sensor and _submits(flow)
        for name in {*flow.task.ids, flow.task.entry.name}
    }
    if not submits:
        return
    names = _outputs(study.module, submits)
    told: set[tuple[str, int]] = set()
    for node, waits in _waiting(study, names, submits):
        flow = submits[waits]
        place = (flow.task.name, node.lineno)
        if place not in told:
            told.add(place)
            yield Draft(
                rule="S6",
                node=node,
                task=flow.task,
                name=flow.task.name,
                primitive=Primitive.MIXIN,
                fields={"line": str(_submit_line(flow))},
            )


def _submits(flow: Flow) -> bool:
    pushed = (e.value for e in flow.events if e.act is Act.WRITE and e.kept is Kept.XCOM)
    if any(v.has(Source.SUBMIT) for v in (flow.returned, *pushed)):
        return True
    # a task that is called so and gives something back
    named = SUBMITS.fullmatch(flow.task.entry.name)
    return bool(named) and any(map(_gives, ast.walk(flow.task.entry)))


def _gives(node: ast.AST) -> bool:
    return isinstance(node, ast.Return) and not isinstance(node.value, ast.Constant | None)


def _submit_line(flow: Flow) -> int:
    values = [flow.returned, *(e.value for e in flow.events)]
    lines = [o.line for v in values for o in v.origins if o.source is Source.SUBMIT]
    return min(lines, default=flow.task.entry.lineno)


def _outputs(module: Module, submits: dict[str, Flow]) -> dict[str, str]:
    """Names that stand for what a submitting task gives back, or for the task itself."""
    found = {}
    for name, made in module.assigned.items():
        while isinstance(made, ast.Call) and isinstance(made.func, ast.Call):
            made = made.func
        if isinstance(made, ast.Call):
            head = module.dotted(made.func).partition(".")[0]
            task_id = module.text(made_with(module, made)[1].get("task_id"))
            for known in (task_id, head):
                if known in submits:
                    found[name] = known
    return found


def _waiting(
    study: Study, names: dict[str, str], submits: dict[str, Flow]
) -> Iterator[tuple[ast.expr, str]]:
    """What a sensor is given or pulls, and the submitting task that it comes from."""
    waiting: dict[str, Task] = {f.task.entry.name: f.task for f in study.flows if f.task.sensor}
    for call in study.module.calls:
        dotted, keywords, _ = made_with(study.module, call)
        if SENSOR.search(dotted) or dotted.rpartition(".")[2] in waiting:
            for value in (*call.args, *keywords.values()):
                for node in ast.walk(value):
                    for task in _given(study.module, node, names):
                        if task in submits:
                            yield call, task
    for flow in study.flows:
        for event in flow.events if flow.task.sensor else ():
            if event.kept is Kept.XCOM and event.owner in submits:
                assert isinstance(event.node, ast.expr)
                yield event.node, event.owner


def _given(module: Module, node: ast.AST, names: dict[str, str]) -> list[str]:
    """Tasks whose output an expression may stand for."""
    if isinstance(node, ast.Name):
        return [names.get(node.id, "")]
    if isinstance(node, ast.Call):
        return [module.dotted(node.func)]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return PULLED.findall(node.value)
    return []

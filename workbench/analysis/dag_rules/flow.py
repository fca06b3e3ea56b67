"""What a task does with kept state, and what a file does when it is imported."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from workbench.analysis.dag_rules.modules import Module
from workbench.analysis.dag_rules.tasks import Task
from workbench.analysis.dag_rules.values import Event, Value
from workbench.analysis.dag_rules.walk import Walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A task, what it does with kept state in order, and what it gives back.

    ``guards`` are the keys of reads that decide which way the task goes.
    """

    task: Task
    events: tuple[Event, ...]
    returned: Value
    guards: frozenset[str]
    defers: bool


def flow_of(module: Module, task: Task, *, apart: frozenset[ast.AST] = frozenset()) -> Flow:
    """Follow one task from its entry; calls of functions that run ``apart`` are not followed."""
    walk = Walk(module=module, task=task, apart=apart)
    returned = walk.enter(task)
    return Flow(
        task=task,
        events=tuple(walk.events.values()),
        returned=returned,
        guards=frozenset(walk.guards),
        defers=walk.defers,
    )


def flow_of_import(module: Module, *, apart: frozenset[ast.AST]) -> Flow:
    """Follow what the file does when it is imported, outside every task."""
    top = ast.parse("def imported(): ...").body[0]
    assert isinstance(top, ast.FunctionDef)
    bodies: list[ast.stmt] = list(module.tree.body)
    for function in module.functions.values():
        names = [
            module.dotted(d.func if isinstance(d, ast.Call) else d) for d in function.decorator_list
        ]
        if any(name.endswith((".dag", ".task_group")) for name in names):
            bodies += function.body
    top.body = bodies
    task = Task(ids=frozenset(), entry=top)
    return flow_of(module, task, apart=apart)

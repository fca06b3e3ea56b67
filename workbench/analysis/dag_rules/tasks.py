"""The tasks of a DAG file: TaskFlow functions, classic operators, operators written in the file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from workbench.analysis.dag_rules.modules import Function, Module
from workbench.analysis.dag_rules.words import (
    ASSET,
    BASE_OPERATOR,
    DAG,
    MIXIN,
    OPERATOR,
    SENSOR,
    TASK,
)

ENTRIES = ("execute", "poke")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What runs as a task: ``entry`` is its function, ``place`` its decorator or operator's call.

    ``ids`` are the ids that it may have; ``keywords`` what it was made with; ``owner`` is the class
    whose method the entry is; ``kind`` the dotted name of decorator or operator.
    """

    ids: frozenset[str]
    entry: Function
    keywords: dict[str, ast.expr] = field(default_factory=dict)
    mapped: bool = False
    owner: ast.ClassDef | None = None
    sensor: bool = False
    kind: str = ""
    place: ast.expr | None = None

    @property
    def name(self) -> str:
        """The id to show: the task's, or the class that is the operator."""
        if self.owner is not None and len(self.ids) != 1:
            return self.owner.name
        return min(self.ids, default=self.entry.name)


def find_tasks(module: Module) -> list[Task]:
    """Find every function that runs as a task, in the order of the text."""
    mapped = _mapped_names(module)
    found = [*_taskflow(module, mapped), *_classic(module), *_operators(module)]
    return sorted(found, key=lambda task: (task.entry.lineno, task.name))


def made_with(module: Module, call: ast.Call) -> tuple[str, dict[str, ast.expr], bool]:
    """Dotted class, keywords and mappedness of ``X(...)``, ``X.partial(...).expand(...)``."""
    keywords = {k.arg: k.value for k in call.keywords if k.arg}
    func, mapped = call.func, False
    while isinstance(func, ast.Attribute) and func.attr in ("expand", "expand_kwargs", "partial"):
        mapped = mapped or func.attr != "partial"
        inner = func.value
        if isinstance(inner, ast.Call):
            keywords = {k.arg: k.value for k in inner.keywords if k.arg} | keywords
            func = inner.func
        else:
            return module.dotted(inner), keywords, mapped
    return module.dotted(func), keywords, mapped


def bases(module: Module, node: ast.ClassDef) -> Iterator[str | ast.ClassDef]:
    """Every class that a class of the file builds on: dotted names, and classes of the file."""
    seen = {node.name}
    todo = list(node.bases)
    while todo:
        dotted = module.dotted(todo.pop(0))
        own = module.classes.get(dotted)
        if own is None:
            yield dotted
        elif own.name not in seen:
            seen.add(own.name)
            yield own
            todo += own.bases


def is_operator(module: Module, node: ast.ClassDef) -> bool:
    """Whether a class of the file is an operator or a sensor."""
    names = [b for b in bases(module, node) if isinstance(b, str)]
    return any(
        OPERATOR.search(n) or BASE_OPERATOR.fullmatch(n) or MIXIN.fullmatch(n) for n in names
    )


def method(module: Module, node: ast.ClassDef, name: str) -> Function | None:
    """A method of a class of the file, or of what it builds on in the file."""
    for owner in (node, *(b for b in bases(module, node) if isinstance(b, ast.ClassDef))):
        for item in owner.body:
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name == name:
                return item
    return None


def default_retries(module: Module) -> ast.expr | None:
    """What a DAG of the file sets as its tasks' retries in ``default_args``."""
    for call in module.calls:
        if DAG.fullmatch(module.dotted(call.func)):
            for keyword in call.keywords:
                value: ast.expr | None = keyword.value
                if isinstance(value, ast.Name):
                    value = module.assigned.get(value.id)
                if keyword.arg == "default_args" and isinstance(value, ast.Dict):
                    for key, item in zip(value.keys, value.values, strict=True):
                        if isinstance(key, ast.Constant) and key.value == "retries":
                            return item
    return None


def _taskflow(module: Module, mapped: frozenset[str]) -> Iterator[Task]:
    for function in module.functions.values():
        for decorator in function.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            dotted = module.dotted(called)
            if TASK.fullmatch(dotted) or ASSET.fullmatch(dotted):
                keywords = (
                    {k.arg: k.value for k in decorator.keywords if k.arg}
                    if isinstance(decorator, ast.Call)
                    else {}
                )
                own = module.text(keywords.get("task_id")) or function.name
                yield Task(
                    ids=frozenset({own}),
                    entry=function,
                    keywords=keywords,
                    mapped=function.name in mapped,
                    sensor=dotted.endswith(".sensor"),
                    kind=dotted,
                    place=decorator,
                )
                break


def _classic(module: Module) -> Iterator[Task]:
    seen: set[tuple[str, int]] = set()
    inner = {
        id(call.func.value)
        for call in module.calls
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("expand", "expand_kwargs")
    }
    for call in module.calls:
        if id(call) in inner:
            continue  # the partial(...) of an expand(...): told with it
        dotted, keywords, mapped = made_with(module, call)
        runs = keywords.get("python_callable")
        if TASK.fullmatch(dotted) and call.args:
            runs = call.args[0]
        if runs is None:
            continue
        function = module.functions.get(module.dotted(runs))
        if function is None:
            continue
        own = module.text(keywords.get("task_id")) or function.name
        if (own, function.lineno) in seen:
            continue
        seen.add((own, function.lineno))
        yield Task(
            ids=frozenset({own}),
            entry=function,
            keywords=keywords,
            mapped=mapped,
            sensor=bool(SENSOR.search(dotted)),
            kind=dotted,
            place=call,
        )


def _operators(module: Module) -> Iterator[Task]:
    made: dict[str, list[tuple[dict[str, ast.expr], bool]]] = {}
    for call in module.calls:
        dotted, keywords, mapped = made_with(module, call)
        if dotted in module.classes:
            made.setdefault(dotted, []).append((keywords, mapped))
    for node in module.classes.values():
        if not is_operator(module, node):
            continue
        uses = made.get(node.name, [])
        ids = {module.text(keywords.get("task_id")) for keywords, _ in uses}
        for name in ENTRIES:
            for entry in node.body:
                if isinstance(entry, ast.FunctionDef | ast.AsyncFunctionDef) and entry.name == name:
                    yield Task(
                        ids=frozenset(i for i in ids if i),
                        entry=entry,
                        keywords=uses[0][0] if len(uses) == 1 else {},
                        mapped=any(is_mapped for _, is_mapped in uses),
                        owner=node,
                        sensor=name == "poke",
                    )


def _mapped_names(module: Module) -> frozenset[str]:
    """Names of TaskFlow functions that are expanded: ``f.expand``, ``f.partial(...).expand``."""
    found = set()
    for call in module.calls:
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr in ("expand", "expand_kwargs"):
            head: ast.AST = func.value
            while isinstance(head, ast.Call | ast.Attribute):
                head = head.func if isinstance(head, ast.Call) else head.value
            if isinstance(head, ast.Name):
                made = module.assigned.get(head.id)
                found.add(head.id)
                while isinstance(made, ast.Call | ast.Attribute):
                    made = made.func if isinstance(made, ast.Call) else made.value
                if isinstance(made, ast.Name):
                    found.add(made.id)
    return frozenset(found)

"""The tasks of a DAG file: TaskFlow functions, classic operators, operators written in the file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from workbench.analysis.dag_rules.classes import callee, is_operator
from workbench.analysis.dag_rules.modules import Function, Module
from workbench.analysis.dag_rules.words import ASSET, SENSOR, SETUP, TASK

ENTRIES = ("execute", "poke")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What runs as a task: ``entry`` is its function, ``place`` its decorator or operator's call.

    ``ids`` are the ids that it may have; ``keywords`` what it was made with; ``owner`` is the
    operator whose method the entry is, ``home`` another class whose method it is; ``kind`` the
    dotted name of decorator or operator.
    """

    ids: frozenset[str]
    entry: Function
    keywords: dict[str, ast.expr] = field(default_factory=dict)
    mapped: bool = False
    owner: ast.ClassDef | None = None
    home: ast.ClassDef | None = None
    sensor: bool = False
    kind: str = ""
    place: ast.expr | None = None

    @property
    def within(self) -> ast.ClassDef | None:
        """The class whose methods the entry reaches by ``self``."""
        return self.owner or self.home

    @property
    def is_asset(self) -> bool:
        """Whether the function makes the asset that it is named after, and is called as such."""
        return bool(ASSET.fullmatch(self.kind))

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
    keywords = module.keywords(call)
    func, mapped = call.func, False
    while isinstance(func, ast.Attribute) and func.attr in ("expand", "expand_kwargs", "partial"):
        mapped = mapped or func.attr != "partial"
        inner = func.value
        if isinstance(inner, ast.Call):
            keywords = module.keywords(inner) | keywords
            func = inner.func
        else:
            return module.dotted(inner), keywords, mapped
    return module.dotted(func), keywords, mapped


def default_retries(module: Module) -> tuple[ast.expr | None, bool]:
    """What the file sets as its tasks' retries in ``default_args``, and whether that is known."""
    known = True
    for call in module.calls:
        for keyword in call.keywords:
            if keyword.arg == "default_args":
                given, whole = module.pairs(keyword.value)
                if "retries" in given:
                    return given["retries"], True
                known = known and whole
    return None, known


def _taskflow(module: Module, mapped: frozenset[str]) -> Iterator[Task]:
    methods = [
        (item, node)
        for node in module.classes.values()
        for item in node.body
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    for function, home in [*((f, None) for f in module.functions.values()), *methods]:
        told = _decorator(module, function)
        if told is None:
            continue
        decorator, dotted = told
        keywords = module.keywords(decorator) if isinstance(decorator, ast.Call) else {}
        own = module.text(keywords.get("task_id")) or function.name
        yield Task(
            ids=frozenset({own}),
            entry=function,
            keywords=keywords,
            mapped=function.name in mapped,
            home=home,
            sensor=dotted.endswith(".sensor"),
            kind=dotted,
            # @setup and @teardown take nothing that a task is made with
            place=None if SETUP.fullmatch(dotted) else decorator,
        )


def _decorator(module: Module, function: Function) -> tuple[ast.expr, str] | None:
    """The decorator that makes a task of a function, with its dotted name."""
    for words in (TASK, ASSET, SETUP):
        for decorator in function.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            dotted = module.dotted(called)
            if words.fullmatch(dotted):
                return decorator, dotted
    return None


def _classic(module: Module) -> Iterator[Task]:
    seen: set[tuple[str, int]] = set()
    repeated = _in_mapped_groups(module)
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
        place = call
        if TASK.fullmatch(dotted) and call.args:
            runs = call.args[0]
        elif isinstance(call.func, ast.Call) and TASK.fullmatch(module.dotted(call.func.func)):
            place, runs = call.func, next(iter(call.args), None)
            dotted, keywords, _ = made_with(module, place)
        if runs is None:
            continue
        called = callee(module, runs)
        if called is None:
            continue
        function, home = called
        own = module.text(keywords.get("task_id")) or function.name
        if (own, function.lineno) in seen:
            continue
        seen.add((own, function.lineno))
        yield Task(
            ids=frozenset({own}),
            entry=function,
            keywords=keywords,
            mapped=mapped or call in repeated,
            home=home,
            sensor=bool(SENSOR.search(dotted)),
            kind=dotted,
            place=place,
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
    """Names of TaskFlow functions that run in copies: expanded, or in a group that is."""
    inside = _in_mapped_groups(module)
    called = {module.dotted(call.func).rpartition(".")[2] for call in inside}
    return _expanded(module) | called


def _expanded(module: Module) -> frozenset[str]:
    """Names that are expanded: ``f.expand``, ``f.partial(...).expand``."""
    found: set[str] = set()
    for call in module.calls:
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr in ("expand", "expand_kwargs"):
            head: ast.AST = func.value
            while isinstance(head, ast.Call | ast.Attribute):
                if isinstance(head, ast.Attribute):
                    found.add(head.attr)  # of a class or a module
                head = head.func if isinstance(head, ast.Call) else head.value
            if isinstance(head, ast.Name):
                made = module.assigned.get(head.id)
                found.add(head.id)
                while isinstance(made, ast.Call | ast.Attribute):
                    made = made.func if isinstance(made, ast.Call) else made.value
                if isinstance(made, ast.Name):
                    found.add(made.id)
    return frozenset(found)


def _in_mapped_groups(module: Module) -> set[ast.Call]:
    """Calls inside task groups that are expanded, and inside the groups that these call."""
    todo = list(_expanded(module))
    found: set[ast.Call] = set()
    while todo:
        function = module.functions.get(todo.pop())
        if function is None or not _is_group(module, function):
            continue
        inner = {node for node in ast.walk(function) if isinstance(node, ast.Call)} - found
        found |= inner
        todo += [module.dotted(call.func) for call in inner]
    return found


def _is_group(module: Module, function: Function) -> bool:
    called = (d.func if isinstance(d, ast.Call) else d for d in function.decorator_list)
    return any(module.dotted(name).endswith(".task_group") for name in called)

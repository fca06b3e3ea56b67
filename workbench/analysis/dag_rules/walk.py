"""One walk through a task's function in order, helpers of the file included."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.analysis.dag_rules.expressions import Expressions
from workbench.analysis.dag_rules.modules import Function, Module
from workbench.analysis.dag_rules.tasks import Task
from workbench.analysis.dag_rules.values import (
    UNKNOWN,
    Act,
    Event,
    Origin,
    Source,
    Value,
    either,
    mixed,
)
from workbench.analysis.dag_rules.words import RUN_WORDS

ROLES = {
    "context": "@context",
    "ti": "@ti",
    "task_instance": "@ti",
    "task": "@task",
    "task_state_store": "@task-store",
    "asset_state_store": "@asset-stores",
    "self": "@self",
    "cls": "@self",
}
DEEPEST = 5
MOST_CALLS = 200


@dataclass(slots=True, kw_only=True)
class Walk(Expressions):
    """One walk through a task; names stand for values, ways that part are joined again."""

    module: Module
    task: Task
    events: dict[tuple[int, str], Event] = field(default_factory=dict)
    guards: set[str] = field(default_factory=set)
    env: dict[str, Value] = field(default_factory=dict)
    functions: list[Function] = field(default_factory=list)
    returns: list[list[Value]] = field(default_factory=list)
    apart: frozenset[ast.AST] = frozenset()
    loops: int = 0
    tries: int = 0
    calls: int = 0
    defers: bool = False

    def enter(self, task: Task) -> Value:
        """Walk the task's own function with its parameters as Airflow gives them."""
        arguments = task.entry.args
        for parameter in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            self.env[parameter.arg] = _parameter(parameter.arg)
        if task.owner is not None and len(arguments.args) > 1:
            self.env[arguments.args[1].arg] = Value(name="@context")
        if arguments.kwarg:
            self.env[arguments.kwarg.arg] = Value(name="@context")
        self.templates(task.keywords.values())
        return self.run(task.entry)

    def run(self, function: Function) -> Value:
        """Walk a function in the names as they stand; return what it may return."""
        self.functions.append(function)
        self.returns.append([])
        self.body(function.body)
        self.functions.pop()
        found = self.returns.pop()
        return found[0] if len(found) == 1 else mixed(*found)

    def inline(self, function: Function, call: ast.Call, *, bound: Value | None = None) -> Value:
        """Walk a function of the file with the arguments of a call."""
        given = [self.value(a.value if isinstance(a, ast.Starred) else a) for a in call.args]
        named = {k.arg: self.value(k.value) for k in call.keywords}
        self.calls += 1
        deep = len(self.functions) > DEEPEST or self.calls > MOST_CALLS
        if function in self.functions or function in self.apart or deep:
            return mixed(*given, *named.values())
        outer = self.env
        inner = {name: v for name, v in outer.items() if name.startswith("self.")}
        if isinstance(self.module.functions.get(function.name), type(function)) and bound is None:
            inner = dict(outer)  # a function inside a function sees the names around it
        names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        for name in (*names, *(a.arg for a in function.args.kwonlyargs)):
            inner[name] = UNKNOWN
        inner |= self._defaults(function)
        values = [bound, *given] if bound is not None else given
        inner |= dict(zip(names, values, strict=False))
        if function.args.kwarg:
            spread = named.pop(None, None)
            inner[function.args.kwarg.arg] = spread or Value(name="@context")
        inner |= {name: v for name, v in named.items() if name}
        self.env = inner
        returned = self.run(function)
        outer |= {name: v for name, v in self.env.items() if name.startswith("self.")}
        self.env = outer
        return returned

    def _defaults(self, function: Function) -> dict[str, Value]:
        positional = [*function.args.posonlyargs, *function.args.args]
        last = positional[len(positional) - len(function.args.defaults) :]
        pairs: list[tuple[ast.arg, ast.expr | None]] = [
            *zip(last, function.args.defaults, strict=True),
            *zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True),
        ]
        return {a.arg: self.value(default) for a, default in pairs if default is not None}

    def body(self, statements: Iterable[ast.stmt]) -> None:
        """Walk statements in order."""
        for statement in statements:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        """Walk one statement; what no way is known for, keeps no state."""
        told = WAYS.get(type(node))
        if told is not None:
            told(self, node)

    def _assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.bind(target, value, node.value)

    def _typed(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.bind(node.target, self.value(node.value), node.value)

    def _added(self, node: ast.AugAssign) -> None:
        value = mixed(self.value(node.target), self.value(node.value))
        self.bind(node.target, value, node.value)

    def _return(self, node: ast.Return) -> None:
        self.returns[-1].append(self.value(node.value))

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        items = self.value(node.iter)
        self.loop(node.body, lambda: self.bind(node.target, mixed(items), None))
        self.body(node.orelse)

    def _while(self, node: ast.While) -> None:
        self.loop(node.body, lambda: self.guard(node.test))
        self.body(node.orelse)

    def _if_statement(self, node: ast.If) -> None:
        self.guard(node.test)
        self.parted(node.body, node.orelse)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            value = self.value(item.context_expr)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value, None)
        caught = any(
            isinstance(i.context_expr, ast.Call)
            and self.module.dotted(i.context_expr.func) == "contextlib.suppress"
            for i in node.items
        )
        self.tries += caught
        self.body(node.body)
        self.tries -= caught

    def _try(self, node: ast.Try) -> None:
        before = set(self.events)
        # a handler that raises again decides nothing
        caught = not all(any(isinstance(n, ast.Raise) for n in ast.walk(h)) for h in node.handlers)
        self.tries += caught
        self.body(node.body)
        self.tries -= caught
        tried = [self.events[told] for told in self.events.keys() - before] if caught else []
        self.guards |= {f"{e.kept.value}:{e.key.shape}" for e in tried if e.act is Act.READ}
        self.parted([s for handler in node.handlers for s in handler.body], [])
        self.body(node.orelse)
        self.body(node.finalbody)

    def _match(self, node: ast.Match) -> None:
        self.value(node.subject)
        for one in node.cases:
            self.parted(one.body, [])

    def _function(self, node: Function) -> None:
        self.env[node.name] = Value(name=f"@function:{node.name}", node=node)

    def _parts(self, node: ast.stmt) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)

    def loop(self, body: Sequence[ast.stmt], start: Callable[[], None]) -> None:
        """Walk a loop's body twice, so that what one turn leaves is seen by the next."""
        self.loops += 1
        for _ in range(2):
            before = dict(self.env)
            start()
            self.body(body)
            self._join(before, self.env)
        self.loops -= 1

    def parted(self, one: Sequence[ast.stmt], other: Sequence[ast.stmt]) -> None:
        """Walk two ways and join what the names stand for."""
        before = dict(self.env)
        self.body(one)
        first, self.env = self.env, before
        self.body(other)
        self._join(first, self.env)

    def _join(self, one: dict[str, Value], other: dict[str, Value]) -> None:
        self.env = {
            name: either(one[name], other[name])
            if name in one and name in other
            else one.get(name) or other[name]
            for name in {**one, **other}
        }

    def guard(self, test: ast.expr) -> None:
        """Note which reads decide."""
        value = self.value(test)
        self.guards |= {o.key for o in value.origins if o.source is Source.READ}

    def bind(self, target: ast.expr, value: Value, made: ast.expr | None) -> None:
        """Let a target stand for a value."""
        match target:
            case ast.Name():
                self.env[target.id] = value
            case ast.Tuple() | ast.List():
                items = made.elts if isinstance(made, ast.Tuple | ast.List) else []
                for at, part in enumerate(target.elts):
                    fits = len(items) == len(target.elts)
                    self.bind(part, self.value(items[at]) if fits else mixed(value), None)
            case ast.Starred():
                self.bind(target.value, mixed(value), None)
            case ast.Attribute(value=ast.Name(id="self")):
                self.env[f"self.{target.attr}"] = value
            case ast.Subscript() | ast.Attribute():
                head = target.value
                if isinstance(head, ast.Name) and head.id in self.env:
                    known = self.env[head.id]
                    if not known.name.startswith("@"):
                        self.env[head.id] = mixed(known, value)
            case _:
                pass


def _parameter(name: str) -> Value:
    """What Airflow passes for a parameter of this name."""
    if name in ROLES:
        return Value(name=ROLES[name])
    if name in RUN_WORDS:
        return Value(shape=name, origins=frozenset({Origin(Source.RUN, 0, name)}))
    if name == "map_index":
        return Value(shape=name, origins=frozenset({Origin(Source.MAP_INDEX, 0, name)}))
    return Value(shape=name, origins=frozenset({Origin(Source.PARAMETER, 0, name)}))


WAYS: dict[type[ast.stmt], Callable[[Walk, Any], None]] = {
    ast.Assign: Walk._assign,
    ast.AnnAssign: Walk._typed,
    ast.AugAssign: Walk._added,
    ast.Return: Walk._return,
    ast.For: Walk._for,
    ast.AsyncFor: Walk._for,
    ast.While: Walk._while,
    ast.If: Walk._if_statement,
    ast.With: Walk._with,
    ast.AsyncWith: Walk._with,
    ast.Try: Walk._try,
    ast.TryStar: Walk._try,
    ast.Match: Walk._match,
    ast.FunctionDef: Walk._function,
    ast.AsyncFunctionDef: Walk._function,
    ast.Expr: Walk._parts,
    ast.Raise: Walk._parts,
    ast.Assert: Walk._parts,
    ast.Delete: Walk._parts,
}

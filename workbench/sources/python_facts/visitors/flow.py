"""Walks a function in statement order and records what it changes in place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from workbench.sources.python_facts.syntax import Definition, Segment, children, simple_text
from workbench.sources.python_facts.visitors.mutators import METHODS
from workbench.sources.python_facts.visitors.origins import (
    Env,
    Origin,
    Origins,
    bind,
    bind_context,
    bind_loop,
    called_name,
    merged,
    origins,
)
from workbench.sources.python_facts.visitors.parameters import parameters_of
from workbench.sources.python_facts.visitors.recording import (
    Function,
    Place,
    Recording,
    Row,
    is_own_attribute,
)

BITWISE = (ast.BitOr, ast.BitAnd, ast.BitXor)
CONTAINERS = (ast.List, ast.Set, ast.Dict, ast.Tuple, ast.ListComp, ast.SetComp, ast.DictComp)
NEW_CONTAINERS = frozenset({"list", "set", "dict", "frozenset", "tuple", "sorted", "deque"})


class Flow:
    """A walk through an outermost function of a segment and what is nested in it.

    ``lines`` are those on which a mutating name or a walrus stands, in order.
    """

    def __init__(self, segment: Segment, lines: list[int]) -> None:
        self._segment = segment
        self._seen = Recording(segment, lines)

    @property
    def rows(self) -> list[Row]:
        """Rows of the ``mutations`` family."""
        return self._seen.rows

    def enter(
        self, function: Function, qualname: str, *, in_class: bool, closed: Env | None = None
    ) -> None:
        """Walk a function; ``closed`` holds the names of the functions around it."""
        env: Env = {}
        for name, found in (closed or {}).items():
            env[name] = tuple(
                [o._replace(kind="closure") if o.kind == "parameter" else o for o in found]
            )
        fresh = set()
        for position, (arg, kind, _) in enumerate(parameters_of(function.args)):
            root = "parameter"
            if position == 0 and kind.startswith("positional"):
                root = _kind_of_first(function, arg.arg, in_class=in_class)
            written = self._segment.written(arg.annotation) if arg.annotation else None
            env[arg.arg] = (Origin(arg.arg, root, arg.arg, written),)
            if kind.startswith("var-"):
                fresh.add(arg.arg)
        around = self._seen.place
        functions = (*around.functions, function)
        self._seen.place = Place(qualname, functions, frozenset(fresh))
        self._block(function.body, env)
        self._seen.place = around

    # Statements. Each gives the bindings after it, or None when nothing follows it.

    def _block(self, body: Iterable[ast.stmt], env: Env) -> Env | None:
        after: Env | None = env
        for node in body:
            walk = STATEMENTS.get(node.__class__)
            after = walk(self, node, env) if walk else self._other(node, env)
            if after is None:
                return None
            env = after
        return after

    def _other(self, node: ast.stmt, env: Env) -> Env:
        for child in children(node):
            if isinstance(child, ast.expr):
                self._seen.scan(child, env)
        return env

    def _leave(self, node: ast.stmt, env: Env) -> None:
        self._other(node, env)

    def _assign(self, node: ast.Assign, env: Env) -> Env:
        self._seen.scan(node.value, env)
        for target in node.targets:
            self._store(target, node.value, env)
            bind(target, node.value, env)
        for name in self._seen.place.declared.intersection(env):
            del env[name]
        value = node.value
        if isinstance(value, ast.Attribute) and value.attr in METHODS:
            self._seen.everywhere = True
        return env

    def _annotated(self, node: ast.AnnAssign, env: Env) -> Env:
        if node.value is not None:
            self._seen.scan(node.value, env)
            self._store(node.target, node.value, env)
            bind(node.target, node.value, env)
        return env

    def _augmented(self, node: ast.AugAssign, env: Env) -> Env:
        self._seen.scan(node.value, env)
        target = node.target
        found = origins(target, env)
        surely = isinstance(node.op, BITWISE) or _is_container(node.value)
        if isinstance(target, ast.Name):
            if target.id in self._seen.place.declared:
                found = self._declared(target.id)
            elif not surely:
                return env
        elif isinstance(target, ast.Attribute) and not surely:
            found = tuple([o for o in found if not is_own_attribute(o)])
        self._seen.record(found, "augassign", values=[node.value], node=target)
        return env

    def _delete(self, node: ast.Delete, env: Env) -> Env:
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                self._seen.record(origins(target, env), "delattr", values=[], node=target)
            elif isinstance(target, ast.Subscript):
                self._seen.record(origins(target.value, env), "delitem", values=[], node=target)
            elif isinstance(target, ast.Name) and target.id not in self._seen.place.declared:
                env[target.id] = ()
        return env

    def _declare(self, node: ast.Global | ast.Nonlocal, env: Env) -> Env:
        self._seen.place.declared.update(node.names)
        return env

    def _if(self, node: ast.If, env: Env) -> Env | None:
        self._seen.scan(node.test, env)
        self._seen.place.branches += 1
        taken = self._block(node.body, dict(env))
        other = self._block(node.orelse, dict(env)) if node.orelse else env
        self._seen.place.branches -= 1
        if taken is None or other is None:
            return taken if other is None else other
        return taken if taken == other else _after_choice(node.test, taken, other)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, env: Env) -> Env | None:
        inside = dict(env)
        if isinstance(node, ast.While):
            self._seen.scan(node.test, inside)
        else:
            self._seen.scan(node.iter, env)
            bind_loop(node.target, node.iter, inside)
            self._store(node.target, None, inside)
        self._seen.place.loops += 1
        after = self._block(node.body, inside)
        self._seen.place.loops -= 1
        # The body may have been left by break or continue with other bindings; not followed.
        env = env if after is None else merged(env, after)
        return self._block(node.orelse, env)

    def _with(self, node: ast.With | ast.AsyncWith, env: Env) -> Env | None:
        for part in node.items:
            self._seen.scan(part.context_expr, env)
            if part.optional_vars is not None:
                bind_context(part.optional_vars, part.context_expr, env)
        return self._block(node.body, env)

    def _try(self, node: ast.Try, env: Env) -> Env | None:
        self._seen.place.branches += 1
        tried = self._block(node.body, dict(env))
        failed = env if tried is None else merged(env, tried)
        ends = [tried if tried is None else self._block(node.orelse, dict(tried))]
        for handler in node.handlers:
            inside = dict(failed)
            if handler.name:
                inside[handler.name] = ()
            ends.append(self._block(handler.body, inside))
        self._seen.place.branches -= 1
        after: Env | None = None
        for end in ends:
            if end is not None:
                after = end if after is None else merged(after, end)
        last = self._block(node.finalbody, dict(failed) if after is None else after)
        return None if after is None else last

    def _match(self, node: ast.Match, env: Env) -> Env | None:
        self._seen.scan(node.subject, env)
        self._seen.place.branches += 1
        after: Env | None = env
        for case in node.cases:
            inside = dict(env)
            for pattern in ast.walk(case.pattern):
                name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
                if name:
                    inside[name] = ()
            end = self._block(case.body, inside)
            after = after if end is None or after is None else merged(after, end)
        self._seen.place.branches -= 1
        return after

    def _define(self, node: Definition, env: Env) -> Env:
        qualname = f"{self._seen.place.qualname}.{node.name}"
        if isinstance(node, ast.ClassDef):
            self._class_body(node, qualname, env)
        else:
            self.enter(node, qualname, in_class=False, closed=env)
        env[node.name] = ()
        return env

    def _class_body(self, node: ast.ClassDef, qualname: str, env: Env) -> None:
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                inner = f"{qualname}.{statement.name}"
                self.enter(statement, inner, in_class=True, closed=env)
            elif isinstance(statement, ast.ClassDef):
                self._class_body(statement, f"{qualname}.{statement.name}", env)

    def _store(self, target: ast.expr, value: ast.expr | None, env: Env) -> None:
        """Record what an assignment to a target changes, before its names are bound."""
        values = [] if value is None else [value]
        if isinstance(target, ast.Name):
            if target.id in self._seen.place.declared:
                self._seen.record(self._declared(target.id), "assign", values=values, node=target)
        elif isinstance(target, ast.Attribute):
            self._seen.record(origins(target, env), "setattr", values=values, node=target)
        elif isinstance(target, ast.Subscript):
            self._seen.record(origins(target.value, env), "setitem", values=values, node=target)
        elif isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self._store(part, None, env)

    def _declared(self, name: str) -> Origins:
        around = self._seen.place.functions[:-1]
        kind = "closure" if around else "module"
        return (Origin(name, kind, name),)


def _kind_of_first(function: Function, name: str, *, in_class: bool) -> str:
    """Kind of a function's first parameter."""
    decorators = {simple_text(decorator) for decorator in function.decorator_list}
    if name in ("cls", "mcs") or (in_class and "classmethod" in decorators):
        return "cls"
    if name == "self" or (in_class and "staticmethod" not in decorators):
        return "self"
    return "parameter"


def _is_container(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and called_name(node) in NEW_CONTAINERS
    return isinstance(node, CONTAINERS)


def _after_choice(test: ast.expr, taken: Env, other: Env) -> Env:
    """Bindings after an if; ``if ctx is None: ctx = Ctx()`` only gives a fallback."""
    after = merged(taken, other)
    asked = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    for name in asked & taken.keys() & other.keys():
        if bool(taken[name]) != bool(other[name]):
            after[name] = tuple([o._replace(fallback=True) for o in after[name]])
    return after


# Each walk takes the node type it stands under.
STATEMENTS: dict[type[ast.stmt], Callable[[Flow, Any, Env], Env | None]] = {
    ast.Assign: Flow._assign,
    ast.AnnAssign: Flow._annotated,
    ast.AugAssign: Flow._augmented,
    ast.Delete: Flow._delete,
    ast.Global: Flow._declare,
    ast.Nonlocal: Flow._declare,
    ast.If: Flow._if,
    ast.For: Flow._loop,
    ast.AsyncFor: Flow._loop,
    ast.While: Flow._loop,
    ast.With: Flow._with,
    ast.AsyncWith: Flow._with,
    ast.Try: Flow._try,
    ast.TryStar: Flow._try,
    ast.Match: Flow._match,
    ast.FunctionDef: Flow._define,
    ast.AsyncFunctionDef: Flow._define,
    ast.ClassDef: Flow._define,
    ast.Return: Flow._leave,
    ast.Raise: Flow._leave,
    ast.Continue: Flow._leave,
    ast.Break: Flow._leave,
}

"""Follows SQLAlchemy statements, and what they give, through a function in statement order."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from workbench.sources.python_facts.syntax import COMPREHENSIONS, Segment, children
from workbench.sources.python_facts.visitors.parameters import parameters_of
from workbench.sources.python_facts.visitors.query_calls import Calls
from workbench.sources.python_facts.visitors.query_held import Env, Held, elements, joined
from workbench.sources.python_facts.visitors.query_parts import Query

NOTHING = (ast.List, ast.Tuple, ast.Set, ast.Dict)


class QueryFlow:
    """A walk through top-level statements of a segment; ``queries`` are what it has found."""

    def __init__(self, segment: Segment) -> None:
        self._calls = Calls(segment, self.look)

    @property
    def queries(self) -> list[Query]:
        """Statements in the order in which they begin."""
        return self._calls.queries

    def walk(self, body: Iterable[ast.stmt], env: Env) -> None:
        """Walk statements; ``env`` is changed to what holds after them."""
        for node in body:
            handle = STATEMENTS.get(node.__class__)
            if handle is not None:
                handle(self, node, env)
            else:
                for part in children(node):
                    if isinstance(part, ast.expr):
                        self.look(part, env, "read")

    def look(self, node: ast.expr, env: Env, use: str) -> tuple[Held, ...]:
        """Give what an expression holds, once its use and those inside it are noted."""
        handle = EXPRESSIONS.get(node.__class__)
        if handle is not None:
            return handle(self, node, env, use)
        self._below(node, env)
        return ()

    def _below(self, node: ast.AST, env: Env) -> None:
        for part in children(node):
            if isinstance(part, ast.expr):
                self.look(part, env, "read")
            else:
                self._below(part, env)

    # Statements

    def _expression(self, node: ast.Expr, env: Env) -> None:
        self.look(node.value, env, "dropped")

    def _leave(self, node: ast.Return, env: Env) -> None:
        if node.value is not None:
            self.look(node.value, env, "passed")

    def _assign(self, node: ast.Assign, env: Env) -> None:
        held = self.look(node.value, env, "kept")
        for target in node.targets:
            self._calls.note_alias(target, node.value)
            self._bind(target, held, env)

    def _annotated(self, node: ast.AnnAssign, env: Env) -> None:
        if node.value is not None:
            self._bind(node.target, self.look(node.value, env, "kept"), env)

    def _if(self, node: ast.If, env: Env) -> None:
        self.look(node.test, env, "truth")
        self._branches([node.body, node.orelse], env)

    def _branches(self, blocks: list[list[ast.stmt]], env: Env) -> None:
        """Walk blocks of which any one may run."""
        ends = []
        with self._calls.place.inside(branches=1):
            for block in blocks:
                ends.append(dict(env))
                self.walk(block, ends[-1])
        joined(env, ends)

    def _try(self, node: ast.Try, env: Env) -> None:
        before = dict(env)
        with self._calls.place.inside(branches=1):
            self.walk([*node.body, *node.orelse], env)
        joined(env, [env, before])
        handlers = [handler.body for handler in node.handlers]
        self._branches([[], *handlers], env)
        with self._calls.place.inside(branches=1):
            self.walk(node.finalbody, env)

    def _match(self, node: ast.Match, env: Env) -> None:
        self.look(node.subject, env, "read")
        self._branches([[], *(case.body for case in node.cases)], env)

    def _for(self, node: ast.For, env: Env) -> None:
        held = self.look(node.iter, env, "iterated")
        before = dict(env)
        with self._calls.place.inside(loops=1):
            self._bind(node.target, elements(held), env)
            self.walk(node.body, env)
        joined(env, [env, before])
        self.walk(node.orelse, env)

    def _while(self, node: ast.While, env: Env) -> None:
        before = dict(env)
        with self._calls.place.inside(loops=1):
            self.look(node.test, env, "truth")
            self.walk(node.body, env)
        joined(env, [env, before])
        self.walk(node.orelse, env)

    def _with(self, node: ast.With, env: Env) -> None:
        for item in node.items:
            held = self.look(item.context_expr, env, "kept")
            if item.optional_vars is not None:
                self._bind(item.optional_vars, held, env)
        self.walk(node.body, env)

    def _assert(self, node: ast.Assert, env: Env) -> None:
        self.look(node.test, env, "truth")

    def _define(self, node: Any, env: Env) -> None:
        inner = dict(env)
        if not isinstance(node, ast.ClassDef):
            for arg, _, _ in parameters_of(node.args):
                inner.pop(arg.arg, None)
        with self._calls.entered(node.name):
            self.walk(node.body, inner)

    # Expressions

    def _name(self, node: ast.Name, env: Env, use: str) -> tuple[Held, ...]:
        held = env.get(node.id, ())
        for each in held:
            each.used(use)
        return held

    def _attribute(self, node: ast.Attribute, env: Env, use: str) -> tuple[Held, ...]:
        found = []
        for each in self.look(node.value, env, "read"):
            each.shown(node.attr)
            if (inner := each.attribute(node.attr)) is not None:
                inner.used(use)
                found.append(inner)
        return tuple(found)

    def _subscript(self, node: ast.Subscript, env: Env, use: str) -> tuple[Held, ...]:
        held = elements(self.look(node.value, env, "iterated"))
        self.look(node.slice, env, "read")
        for each in held:
            each.used(use)
        return held

    def _call(self, node: ast.Call, env: Env, use: str) -> tuple[Held, ...]:
        return self._calls.call(node, env, use)

    def _boolean(self, node: ast.BoolOp, env: Env, use: str) -> tuple[Held, ...]:
        found: list[Held] = []
        for value in node.values[:-1]:
            held = self.look(value, env, "truth")
            # The value itself is handed on too: `x.rows or []`.
            if use not in ("truth", "read"):
                for each in held:
                    each.used(use)
            found += held
        return (*found, *self.look(node.values[-1], env, use))

    def _unary(self, node: ast.UnaryOp, env: Env, use: str) -> tuple[Held, ...]:
        self.look(node.operand, env, "truth" if isinstance(node.op, ast.Not) else "read")
        return ()

    def _compare(self, node: ast.Compare, env: Env, use: str) -> tuple[Held, ...]:
        empty = any(
            (isinstance(part, ast.Constant) and part.value is None)
            or (isinstance(part, NOTHING) and not children(part))
            for part in node.comparators
        )
        self.look(node.left, env, "truth" if empty else "read")
        for operator, part in zip(node.ops, node.comparators, strict=True):
            searched = isinstance(operator, ast.In | ast.NotIn)
            self.look(part, env, "iterated" if searched else "read")
        return ()

    def _choice(self, node: ast.IfExp, env: Env, use: str) -> tuple[Held, ...]:
        self.look(node.test, env, "truth")
        with self._calls.place.inside(branches=1):
            return (*self.look(node.body, env, use), *self.look(node.orelse, env, use))

    def _walrus(self, node: ast.NamedExpr, env: Env, use: str) -> tuple[Held, ...]:
        held = self.look(node.value, env, use)
        self._bind(node.target, held, env)
        return held

    def _comprehension(self, node: Any, env: Env, use: str) -> tuple[Held, ...]:
        inner = dict(env)
        loops = 0
        for generator in node.generators:
            with self._calls.place.inside(loops=loops):
                held = self.look(generator.iter, inner, "iterated")
            loops += 1
            self._bind(generator.target, elements(held), inner)
            with self._calls.place.inside(loops=loops):
                for test in generator.ifs:
                    self.look(test, inner, "truth")
        made: list[Held] = []
        with self._calls.place.inside(loops=loops):
            if isinstance(node, ast.DictComp):
                self.look(node.key, inner, "read")
                kept = self.look(node.value, inner, "kept")
            else:
                kept = self.look(node.elt, inner, "kept")
        for each in kept:
            if each.state == "loaded":
                each.used("passed")
            elif each.state == "entity":
                # A new collection of the same objects.
                each.used(use)
                made.append(each.become("rows"))
        return tuple(made)

    def _display(self, node: Any, env: Env, use: str) -> tuple[Held, ...]:
        for part in children(node):
            self.look(part, env, "passed")  # type: ignore[arg-type]
        return ()

    def _through(self, node: Any, env: Env, use: str) -> tuple[Held, ...]:
        return self.look(node.value, env, use)

    def _starred(self, node: ast.Starred, env: Env, use: str) -> tuple[Held, ...]:
        held = self.look(node.value, env, "kept")
        for each in held:
            each.used("iterated" if each.state == "loaded" else use)
        return held

    def _passed_on(self, node: Any, env: Env, use: str) -> tuple[Held, ...]:
        value = node.body if isinstance(node, ast.Lambda) else node.value
        if value is not None:
            self.look(value, env, "passed")
        return ()

    def _bind(self, target: ast.expr, held: tuple[Held, ...], env: Env) -> None:
        if isinstance(target, ast.Name):
            env[target.id] = held
        elif isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self._bind(part, elements(held), env)
        elif isinstance(target, ast.Starred):
            self._bind(target.value, held, env)
        else:
            for each in held:
                each.used("passed")
            self._below(target, env)


STATEMENTS: dict[type[ast.stmt], Callable[[QueryFlow, Any, Env], None]] = {
    ast.Expr: QueryFlow._expression,
    ast.Return: QueryFlow._leave,
    ast.Assign: QueryFlow._assign,
    ast.AnnAssign: QueryFlow._annotated,
    ast.If: QueryFlow._if,
    ast.Try: QueryFlow._try,
    ast.TryStar: QueryFlow._try,
    ast.Match: QueryFlow._match,
    ast.For: QueryFlow._for,
    ast.AsyncFor: QueryFlow._for,
    ast.While: QueryFlow._while,
    ast.With: QueryFlow._with,
    ast.AsyncWith: QueryFlow._with,
    ast.Assert: QueryFlow._assert,
    ast.FunctionDef: QueryFlow._define,
    ast.AsyncFunctionDef: QueryFlow._define,
    ast.ClassDef: QueryFlow._define,
}
EXPRESSIONS: dict[type[ast.expr], Callable[[QueryFlow, Any, Env, str], tuple[Held, ...]]] = {
    ast.Name: QueryFlow._name,
    ast.Attribute: QueryFlow._attribute,
    ast.Subscript: QueryFlow._subscript,
    ast.Call: QueryFlow._call,
    ast.BoolOp: QueryFlow._boolean,
    ast.UnaryOp: QueryFlow._unary,
    ast.Compare: QueryFlow._compare,
    ast.IfExp: QueryFlow._choice,
    ast.NamedExpr: QueryFlow._walrus,
    **dict.fromkeys(COMPREHENSIONS, QueryFlow._comprehension),
    **dict.fromkeys(NOTHING, QueryFlow._display),
    ast.Await: QueryFlow._through,
    ast.Starred: QueryFlow._starred,
    ast.Lambda: QueryFlow._passed_on,
    ast.Yield: QueryFlow._passed_on,
    ast.YieldFrom: QueryFlow._passed_on,
}

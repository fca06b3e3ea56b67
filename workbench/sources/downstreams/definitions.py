"""Reads functions and classes: annotated parameters, bases, what overrides what, ``self``."""

from __future__ import annotations

import ast
from collections import deque
from typing import NamedTuple

from workbench.sources.downstreams.expressions import parameters
from workbench.sources.downstreams.origins import OURS, Origin, OwnClass, Scope, Use, Value
from workbench.sources.downstreams.own_modules import OwnModules
from workbench.sources.downstreams.strings import Strings

Function = ast.FunctionDef | ast.AsyncFunctionDef
UNKNOWN = Origin("")


class Waiting(NamedTuple):
    """A function whose body is read when everything around it has been bound."""

    function: Function
    defined_in: Scope
    guard: str


class Definitions(Strings):
    """Functions and classes of one file; ``classes`` are kept by their dotted name in the tree."""

    def __init__(self, path: str, modules: OwnModules) -> None:
        super().__init__(path, modules)
        self.waiting: deque[Waiting] = deque()

    def define_function(self, node: Function) -> None:
        """Bind a function; what runs with its definition is read now, its body later."""
        self._decorators(node)
        arguments = node.args
        for default in (*arguments.defaults, *(d for d in arguments.kw_defaults if d)):
            self.read(default)
        self.scope.names[node.name] = None
        if self.scope.kind == "class":
            self._override(node.name, node)
        self.waiting.append(Waiting(node, self.scope, self.guard))

    def enter_function(self, waiting: Waiting) -> list[ast.stmt]:
        """Stand at the start of a function's body with its parameters bound; answer the body."""
        node, around = waiting.function, waiting.defined_in
        self.scope, self.guard = around.seen_by_functions(), waiting.guard
        bound = {p.arg: self.annotation(p.annotation) for p in parameters(node.args)}
        first = (*node.args.posonlyargs, *node.args.args)[:1]
        decorators = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
        if first and around.kind == "class" and "staticmethod" not in decorators:
            bound[first[0].arg] = (Origin(around.owner, "classmethod" not in decorators),)
        scope = around.inside(node.name)
        self.scope = Scope("function", scope, bound, self.scope, around.owner)
        return node.body

    def enter_class(self, node: ast.ClassDef) -> list[ast.stmt]:
        """Stand inside a class; answer its body."""
        self._decorators(node)
        key = f"{OURS}{self.module}.{self.scope.inside(node.name)}"
        made = OwnClass(self._head(node, node.name))
        for base in node.bases:
            value = self.point(base.value if isinstance(base, ast.Subscript) else base)
            if value:
                made.bases.append(value)
            else:
                self.read(base)
        for keyword in node.keywords:
            self.read(keyword.value)
        self.classes[key] = made
        self.scope.names[node.name] = (Origin(key),)
        self.scope = Scope("class", self.scope.inside(node.name), {}, self.scope, key)
        return node.body

    def leave_class(self) -> None:
        """Stand behind a class again."""
        self.classes[self.scope.owner].own.update(self.scope.names)
        assert self.scope.above is not None
        self.scope = self.scope.above

    def assign(self, target: ast.expr, value: Value | None, node: ast.stmt | None) -> None:
        """Bind a target; in a class it may override, and its instances keep what it stands for.

        ``node`` is the statement, or nothing where a name is only annotated.
        """
        self.bind(target, value)
        if self.scope.kind != "class" or not isinstance(target, ast.Name):
            return
        if value:
            self.classes[self.scope.owner].attributes[target.id] = value
        if node is not None and not target.id.startswith("__"):
            self._override(target.id, node)

    def _override(self, name: str, node: ast.stmt) -> None:
        self.classes[self.scope.owner].overrides.append((name, self._head(node, name)))

    def _head(self, node: ast.stmt, name: str) -> Use:
        """The first line of a definition; what it leads to is known when the tree is linked."""
        scope = self.scope.inside(name)
        return Use(UNKNOWN, "", scope, node.lineno, node.col_offset, node.lineno, -1)

    def _decorators(self, node: Function | ast.ClassDef) -> None:
        """A decorator is called, with parentheses or without."""
        for decorator in node.decorator_list:
            value = None if isinstance(decorator, ast.Call) else self.point(decorator)
            if value:
                self.note(value, "call", decorator)
            else:
                self.read(decorator)

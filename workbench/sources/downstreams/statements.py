"""Reads the statements of one file in order, the bodies of its functions last."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, ClassVar

from workbench.sources.downstreams.definitions import Definitions
from workbench.sources.downstreams.guards import (
    branch_guards,
    forgives,
    speaks_of_version,
    suppresses,
)
from workbench.sources.downstreams.origins import Names, joined, stronger
from workbench.sources.downstreams.own_modules import OwnModules

Branch = tuple[list[ast.stmt], str]


class FileReader(Definitions):
    """One file: its imports, uses and classes, and what its names stand for in the end."""

    def __init__(self, path: str, modules: OwnModules) -> None:
        super().__init__(path, modules)
        self._versions: set[str] = set()

    def read_file(self, tree: ast.Module) -> Names:
        """Read the whole file; answer what the names of the module stand for."""
        module = self.scope
        self._block(tree.body)
        while self.waiting:
            self._block(self.enter_function(self.waiting.popleft()))
        return module.names

    def _block(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue  # a docstring says what it likes
            handle = self.STATEMENTS.get(type(statement))
            if handle is not None:
                handle(self, statement)
            else:
                self.read(statement)

    def _guarded(self, statements: list[ast.stmt], guard: str) -> None:
        outer, self.guard = self.guard, stronger(self.guard, guard)
        self._block(statements)
        self.guard = outer

    def _branches(self, *branches: Branch) -> None:
        """Read alternatives; afterwards a name may stand for what any of them made it."""
        names = self.scope.names
        before, after = names.copy(), Names()
        for statements, guard in branches:
            names.clear()
            names.update(before)
            self._guarded(statements, guard)
            for name, value in names.items():
                after[name] = joined(after.get(name), value)
        names.update(after)

    def _class(self, node: ast.ClassDef) -> None:
        self._block(self.enter_class(node))
        self.leave_class()

    def _assign(self, node: ast.Assign) -> None:
        value = self.read(node.value)
        if self.scope.kind == "module" and speaks_of_version(node.value, self._versions):
            self._versions.update(t.id for t in node.targets if isinstance(t, ast.Name))
        for target in node.targets:
            self.assign(target, value, node)

    def _annotated(self, node: ast.AnnAssign) -> None:
        value = self.read(node.value) if node.value is not None else None
        value = joined(value, self.annotation(node.annotation))
        self.assign(node.target, value, node if node.value is not None else None)

    def _augmented(self, node: ast.AugAssign) -> None:
        self.read(node.value)
        if isinstance(node.target, ast.Attribute):
            self.bind(node.target, None)

    def _if(self, node: ast.If) -> None:
        self.read(node.test)
        first, second = branch_guards(node.test, self._versions)
        self._branches((node.body, first), (node.orelse, second))

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        self._guarded(node.body, "try" if any(map(forgives, node.handlers)) else "none")
        handlers: list[Branch] = []
        for handler in node.handlers:
            if handler.type is not None:
                self.read(handler.type)
            if handler.name:
                self.scope.names[handler.name] = None
            handlers.append((handler.body, "try" if forgives(handler) else "none"))
        self._branches((node.orelse, "none"), *handlers)
        self._block(node.finalbody)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        self.read(node.iter)
        self.bind(node.target, None)
        self._branches((node.body, "none"), ([], "none"))
        self._block(node.orelse)

    def _while(self, node: ast.While) -> None:
        self.read(node.test)
        self._branches((node.body, "none"), ([], "none"))
        self._block(node.orelse)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            value = self.read(item.context_expr)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value)
        self._guarded(node.body, "try" if any(map(suppresses, node.items)) else "none")

    def _match(self, node: ast.Match) -> None:
        self.read(node.subject)
        for case in node.cases:
            self._pattern(case.pattern)
            if case.guard is not None:
                self.read(case.guard)
        self._branches(*((case.body, "none") for case in node.cases), ([], "none"))

    def _pattern(self, pattern: ast.pattern) -> None:
        """Read what a pattern compares with; forget what it binds."""
        for part in ast.walk(pattern):
            if isinstance(part, ast.MatchAs | ast.MatchStar) and part.name:
                self.scope.names[part.name] = None
            elif isinstance(part, ast.MatchMapping) and part.rest:
                self.scope.names[part.rest] = None
            elif isinstance(part, ast.MatchClass):
                self.read(part.cls)
            elif isinstance(part, ast.MatchValue):
                self.read(part.value)
                self.note_literal(part.value, part.value)

    STATEMENTS: ClassVar[dict[type, Callable[[Any, Any], None]]] = {
        ast.AnnAssign: _annotated,
        ast.Assign: _assign,
        ast.AsyncFor: _for,
        ast.AsyncFunctionDef: Definitions.define_function,
        ast.AsyncWith: _with,
        ast.AugAssign: _augmented,
        ast.ClassDef: _class,
        ast.For: _for,
        ast.FunctionDef: Definitions.define_function,
        ast.If: _if,
        ast.Import: Definitions.import_modules,
        ast.ImportFrom: Definitions.import_names,
        ast.Match: _match,
        ast.Try: _try,
        ast.TryStar: _try,
        ast.While: _while,
        ast.With: _with,
    }

"""One DAG file as a tree: its imports, functions, classes and plain assignments by name."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """Names of a file; a name that is bound twice stands for what it was bound to last."""

    tree: ast.Module
    imports: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    assigned: dict[str, ast.expr] = field(default_factory=dict)
    calls: tuple[ast.Call, ...] = ()
    with_items: dict[str, ast.expr] = field(default_factory=dict)

    def dotted(self, node: ast.AST | None) -> str:
        """The dotted origin of a name or attribute, through imports and plain assignments."""
        return self._dotted(node, 0)

    def _dotted(self, node: ast.AST | None, depth: int) -> str:
        if isinstance(node, ast.Attribute):
            head = self._dotted(node.value, depth)
            return f"{head}.{node.attr}" if head else ""
        if not isinstance(node, ast.Name):
            return ""
        if node.id in self.imports:
            return self.imports[node.id]
        made = self.assigned.get(node.id)
        if isinstance(made, ast.Name | ast.Attribute) and depth < 5:
            return self._dotted(made, depth + 1)
        return node.id

    def literal(self, node: ast.AST | None) -> object:
        """The value of a constant, also through a name that is assigned one; None if it is none."""
        if isinstance(node, ast.Name):
            node = self.assigned.get(node.id)
        return node.value if isinstance(node, ast.Constant) else None

    def text(self, node: ast.AST | None) -> str | None:
        """The same for text alone."""
        found = self.literal(node)
        return found if isinstance(found, str) else None


def parse(text: str) -> ast.Module:
    """Parse without the warnings that a compiler has about somebody's file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def read_module(tree: ast.Module) -> Module:
    """Collect the names of a file, those inside functions too, but for methods."""
    module = Module(tree=tree)
    calls: list[ast.Call] = []
    methods: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            calls.append(node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            _bind_import(module, node)
        elif isinstance(node, ast.ClassDef):
            module.classes[node.name] = node
            methods.update(node.body)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node not in methods:
            module.functions[node.name] = node
        elif isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
            module.with_items[node.optional_vars.id] = node.context_expr
    for scope in (module.tree, *module.functions.values()):
        for statement in _plain(scope.body):
            _bind_assignment(module, statement)
    return replace(module, calls=tuple(calls))


def _plain(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a body, also those inside ``with``, ``if`` and ``try``."""
    for statement in body:
        yield statement
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(statement, name, None)
            if isinstance(inner, list) and not isinstance(statement, SCOPES):
                yield from _plain(inner)


SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _bind_import(module: Module, node: ast.Import | ast.ImportFrom) -> None:
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            if node.module and not node.level:
                module.imports[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif alias.asname:
            module.imports[alias.asname] = alias.name
        else:
            head = alias.name.partition(".")[0]
            module.imports[head] = head


def _bind_assignment(module: Module, node: ast.stmt) -> None:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                module.assigned[target.id] = node.value
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
        module.assigned[node.target.id] = node.value

"""One DAG file as a tree: its imports, functions, classes and plain assignments by name."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

Function = ast.FunctionDef | ast.AsyncFunctionDef
MOST_NAMES = 5
"""Names that are followed from one to the next, so that a circle ends."""


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
        if isinstance(made, ast.Name | ast.Attribute) and depth < MOST_NAMES:
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

    def keywords(self, call: ast.Call) -> dict[str, ast.expr]:
        """Keyword arguments of a call, also those that ``**`` takes from a dictionary."""
        found: dict[str, ast.expr] = {}
        for keyword in call.keywords:
            found |= {keyword.arg: keyword.value} if keyword.arg else self.pairs(keyword.value)[0]
        return found

    def pairs(self, node: ast.AST | None) -> tuple[dict[str, ast.expr], bool]:
        """Text keys with values of a dictionary that the file spells out, and if these are all."""
        return self._pairs(node, 0)

    def _pairs(self, node: ast.AST | None, depth: int) -> tuple[dict[str, ast.expr], bool]:
        if depth > MOST_NAMES:
            return {}, False
        parts: list[tuple[str | None, ast.expr]] = []
        match node:
            case ast.Name(id=name) if name in self.assigned:
                return self._pairs(self.assigned[name], depth + 1)
            case ast.Dict():
                keys = [None if key is None else self.text(key) or "" for key in node.keys]
                parts = list(zip(keys, node.values, strict=True))
            case ast.Call(func=ast.Name(id="dict"), args=args):
                parts = [*((None, a) for a in args), *((k.arg, k.value) for k in node.keywords)]
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                parts = [(None, left), (None, right)]
            case _:
                return {}, False
        found: dict[str, ast.expr] = {}
        whole = True
        for key, value in parts:
            inner, known = ({key: value}, True) if key else self._pairs(value, depth + 1)
            found |= inner
            whole = whole and known and key != ""
        return found, whole


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
            _bind(module, target, node.value)
    elif isinstance(node, ast.AnnAssign) and node.value:
        _bind(module, node.target, node.value)


def _bind(module: Module, target: ast.expr, value: ast.expr) -> None:
    sides = (ast.Tuple, ast.List)
    if isinstance(target, ast.Name):
        module.assigned[target.id] = value
    elif isinstance(target, sides) and isinstance(value, sides):
        for one, made in zip(target.elts, value.elts, strict=False):
            _bind(module, one, made)

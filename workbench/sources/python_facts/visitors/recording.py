"""What one walk through a function has found: where it stands, what counts, the rows so far."""

from __future__ import annotations

import ast
import builtins
from bisect import bisect_left
from dataclasses import dataclass, field

from workbench.sources.python_facts.syntax import (
    COMPREHENSIONS,
    DEFINITIONS,
    Segment,
    children,
    unparsed,
)
from workbench.sources.python_facts.visitors.mutators import changes_of
from workbench.sources.python_facts.visitors.origins import Env, Origin, Origins, bind, bind_loop
from workbench.sources.python_facts.visitors.parameters import parameters_of

VALUE_KEPT = 120  # characters
BUILTINS = frozenset(dir(builtins))

Row = tuple[object, ...]
Function = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(slots=True)
class Place:
    """The function that a walk is in, and how deep in its branches and loops."""

    qualname: str
    functions: tuple[Function, ...]
    """It and the functions around it, innermost last."""
    fresh: frozenset[str]
    """``*args`` and ``**kwargs``: new objects for each call."""
    declared: set[str] = field(default_factory=set)
    """Names it declares global or nonlocal."""
    branches: int = 0
    loops: int = 0


class Recording:
    """Rows of the mutations found so far.

    Parameters
    ----------
    segment : Segment
        Where the function stands.
    lines : list of int
        Lines on which a mutating name or a walrus stands, in order.
    """

    def __init__(self, segment: Segment, lines: list[int]) -> None:
        self.rows: list[Row] = []
        self.place = Place("", (), frozenset())
        self.everywhere = False
        """A mutating method has been given another name, so any call may be one."""
        self._segment = segment
        self._lines = lines
        self._bound: dict[int, set[str]] = {}

    def record(
        self,
        found: Origins,
        how: str,
        *,
        values: list[ast.expr],
        node: ast.expr,
        exact: bool = True,
    ) -> None:
        """Add a row for each object from outside that is changed.

        ``exact`` is false inside an f-string, where positions of the syntax tree are not.
        """
        place, segment = self.place, self._segment
        found = tuple([origin for origin in found if self._counts(origin, how)])
        if not found:
            return
        texts = [segment.written(value) if exact else unparsed(value) for value in values]
        value = ", ".join(texts)[:VALUE_KEPT] if texts else None
        for origin in found:
            self.rows.append(
                (
                    place.qualname,
                    segment.line(node),
                    origin.root,
                    origin.kind,
                    origin.path,
                    how,
                    value,
                    origin.annotation,
                    origin.fallback,
                    origin.alias,
                    place.branches > 0,
                    place.loops,
                )
            )

    def scan(self, node: ast.expr, env: Env) -> None:
        """Look for mutating calls in an expression, if its lines may hold one."""
        if not self.everywhere:
            at = bisect_left(self._lines, node.lineno)
            if at == len(self._lines) or self._lines[at] > (node.end_lineno or 0):
                return
        self._look(node, env, node, exact=True)

    def _counts(self, origin: Origin, how: str) -> bool:
        if origin.kind == "module":
            return origin.root not in BUILTINS and not self._is_bound(origin.root)
        if origin.path == origin.root:
            if origin.root in self.place.fresh:
                return False
            if origin.kind in ("self", "cls"):
                return how in ("setitem", "delitem")
        if how in ("setattr", "delattr"):
            return not is_own_attribute(origin)
        return True

    def _is_bound(self, name: str) -> bool:
        for function in self.place.functions:
            if id(function) not in self._bound:
                self._bound[id(function)] = names_bound_in(function)
            if name in self._bound[id(function)]:
                return True
        return False

    def _look(self, node: ast.AST, env: Env, near: ast.expr, *, exact: bool) -> None:
        if isinstance(node, ast.JoinedStr):
            exact = False
        elif exact and isinstance(node, ast.expr):
            near = node
        if isinstance(node, COMPREHENSIONS):
            self._comprehension(node, dict(env), near, exact=exact)
            return
        if isinstance(node, ast.Lambda):
            env = {**env, **{arg.arg: () for arg, _, _ in parameters_of(node.args)}}
        for child in children(node):
            self._look(child, env, near, exact=exact)
        if isinstance(node, ast.NamedExpr):
            bind(node.target, node.value, env)
        elif isinstance(node, ast.Call):
            for found, how, values in changes_of(node, env):
                self.record(found, how, values=values, node=near, exact=exact)

    def _comprehension(self, node: Comprehension, env: Env, near: ast.expr, *, exact: bool) -> None:
        for generator in node.generators:
            self._look(generator.iter, env, near, exact=exact)
            bind_loop(generator.target, generator.iter, env)
            self.place.loops += 1
            for test in generator.ifs:
                self._look(test, env, near, exact=exact)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for part in parts:
            self._look(part, env, near, exact=exact)
        self.place.loops -= len(node.generators)


def is_own_attribute(origin: Origin) -> bool:
    """Whether it is an attribute of the method's own object, and not of what hangs on it."""
    return origin.kind == "self" and origin.path.count(".") == 1 and "[" not in origin.path


def names_bound_in(function: Function) -> set[str]:
    """Names that a function binds itself; what it imports still belongs to another module."""
    names = {arg.arg for arg, _, _ in parameters_of(function.args)}
    declared: set[str] = set()
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                names.add(node.id)
        elif isinstance(node, DEFINITIONS):
            names.add(node.name)
            continue
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            names.add(node.name or "")
        elif isinstance(node, ast.Global | ast.Nonlocal):
            declared.update(node.names)
        pending += children(node)
    return names - declared

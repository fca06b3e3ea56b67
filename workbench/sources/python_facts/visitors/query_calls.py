"""Reads a chain of calls: what it begins, adds to a statement, executes, or does to its result."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from workbench.sources.python_facts.syntax import Segment
from workbench.sources.python_facts.visitors.calls import LEVELS, is_logger
from workbench.sources.python_facts.visitors.query_held import Env, Held, elements
from workbench.sources.python_facts.visitors.query_parts import LIMITS, Query, Reading
from workbench.sources.python_facts.visitors.query_roots import (
    Link,
    begins_by_method,
    begins_by_name,
    chain_of,
    is_session,
)

EXECUTES = {"scalar": "entity", "scalars": "rows", "execute": "rows", "stream": "rows"} | {
    "stream_scalars": "rows"
}
GIVES_ONE = frozenset(
    {"first", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none", "fetchone", "get"}
)
GIVES_MANY = frozenset(
    {"all", "unique", "scalars", "mappings", "tuples", "fetchall", "yield_per", "partitions"}
    | {"values", "items", "copy"}
)
ENDS = frozenset({"count", "delete", "update"})
# Methods of a session that keep an object without looking at what it has loaded.
KEEPS = frozenset({"add", "merge", "delete", "refresh", "expunge", "expire", "flush"})
COLLECTS = frozenset(
    {"list", "set", "tuple", "sorted", "reversed", "frozenset", "iter", "enumerate", "zip", "map"}
    | {"filter", "chain", "deque", "dict"}
)
FOLDS = frozenset({"any", "all", "sum", "max", "min", "next"})
LOOKS = frozenset({"isinstance", "hasattr", "type", "id", "repr", "str", "print", "hash"})
Look = Callable[[ast.expr, Env, str], tuple[Held, ...]]


@dataclass(slots=True)
class Standing:
    """Where a walk stands inside its function."""

    qualname: str = ""
    loops: int = 0
    branches: int = 0

    @contextmanager
    def inside(self, *, loops: int = 0, branches: int = 0) -> Iterator[None]:
        """Stand in so many more loops and branches."""
        self.loops += loops
        self.branches += branches
        try:
            yield
        finally:
            self.loops -= loops
            self.branches -= branches


class Calls:
    """Calls of one segment; ``look`` gives what an expression holds."""

    def __init__(self, segment: Segment, look: Look) -> None:
        self.queries: list[Query] = []
        self.place = Standing()
        self._segment = segment
        self._look = look
        self._reading = Reading(segment, {})
        self._within = 0

    @contextmanager
    def entered(self, name: str) -> Iterator[None]:
        """Stand in a function or class of that name."""
        place, aliases = self.place, self._reading.aliases
        qualname = f"{place.qualname}.{name}" if place.qualname else name
        self.place, self._reading.aliases = Standing(qualname), dict(aliases)
        try:
            yield
        finally:
            self.place, self._reading.aliases = place, aliases

    def note_alias(self, target: ast.expr, value: ast.expr) -> None:
        """Remember ``x = aliased(Model)``."""
        if isinstance(target, ast.Name) and isinstance(value, ast.Call) and value.args:
            function = value.func
            name = getattr(function, "id", None) or getattr(function, "attr", None)
            model = value.args[0]
            if name == "aliased" and isinstance(model, ast.Name):
                self._reading.aliases[target.id] = model.id

    def call(self, node: ast.Call, env: Env, use: str) -> tuple[Held, ...]:
        """Read a call with all methods that it is chained to."""
        first, links = chain_of(node)
        begun: Query | None = None
        grown: list[Query] = []
        if isinstance(first, ast.Call):
            held, begun = self._by_name(
                first, env, use if not links else "kept", goes_on=bool(links)
            )
        else:
            held = self._held_by(first, env)
            grown = [each.query for each in held if each.state == "statement"]
        if begun is not None:
            begun.line = node.lineno - self._segment.first
        for at, link in enumerate(links):
            follows = links[at + 1][0] if at + 1 < len(links) else ""
            if not held and begun is None and not grown:
                begun = self._begin_by_method(link, follows=follows)
                if begun is not None:
                    self._arguments(link[1], env)
                    begun.line = node.lineno - self._segment.first
                    held = self._given_by(begun)
                    continue
            held = self._method(held, link, env)
        if begun is not None and links:
            begun.text = self._reading.text(node)
        elif grown:
            added = self._reading.text(node).removeprefix(self._reading.text(first))
            for query in grown:
                query.text += added
        for each in held:
            each.used(use)
        return held

    def _held_by(self, first: ast.expr, env: Env) -> tuple[Held, ...]:
        """What the methods of a chain are called on."""
        held = self._look(first, env, "kept")
        for each in held:
            if each.state == "loaded":
                each.used("read")
                each.query.handed_on(each.name)
            elif each.state == "entity":
                each.used("passed")
        return held

    def _begin(self, kind: str, link: Link) -> Query:
        query = Query(
            kind=kind,
            qualname=self.place.qualname,
            line=link[1].lineno - self._segment.first,
            loops=self.place.loops,
            conditional=self.place.branches > 0,
            text=self._reading.text(link[1]),
        )
        self._reading.add(query, link, begins=True)
        self.queries.append(query)
        return query

    def _begin_by_method(self, link: Link, *, follows: str) -> Query | None:
        name, call = link
        assert isinstance(call.func, ast.Attribute)
        kind = begins_by_method(call.func.value, name, call, follows=follows)
        if kind is None or self._within:
            return None
        query = self._begin(kind, link)
        if not call.args:
            self._reading.name_table(query, call.func.value)
        return query

    def _given_by(self, query: Query) -> tuple[Held, ...]:
        query.executed |= query.kind == "get"
        return (Held(query, "entity" if query.kind == "get" else "statement"),)

    def _arguments(self, call: ast.Call, env: Env, use: str = "read") -> None:
        """Look at arguments whose statements belong to the one around them."""
        self._within += 1
        try:
            for part in (*call.args, *(keyword.value for keyword in call.keywords)):
                self._look(part, env, use)
        finally:
            self._within -= 1

    def _by_name(
        self, call: ast.Call, env: Env, use: str, *, goes_on: bool
    ) -> tuple[tuple[Held, ...], Query | None]:
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        kind = begins_by_name(call, goes_on=goes_on)
        if kind is not None and not self._within:
            query = self._begin(kind, (name, call))
            self._arguments(call, env)
            return self._given_by(query), query
        return self._function(name, call, env, use), None

    def _function(self, name: str, call: ast.Call, env: Env, use: str) -> tuple[Held, ...]:
        if not name:
            self._look(call.func, env, "read")
        how = "passed"
        if name in COLLECTS or name in FOLDS:
            how = "iterated"
        elif name in LOOKS:
            how = "read"
        elif name in ("len", "bool"):
            how = "counted" if name == "len" else "truth"
        elif name in ("with_row_locks", "cast"):
            how = "kept"
        found: list[Held] = []
        for part in (*call.args, *(keyword.value for keyword in call.keywords)):
            found += self._look(part, env, how)
        if name == "with_row_locks":
            for each in found:
                each.query.locked = True
        if name == "cast":
            return tuple(found)
        if how == "iterated":
            self._execute(found)
            made = elements(found)
            return made if name in FOLDS else tuple([each.become("rows") for each in made])
        # A function that is given a statement mostly gives it back with more in it.
        return tuple([each for each in found if each.state == "statement"])

    def _method(self, held: tuple[Held, ...], link: Link, env: Env) -> tuple[Held, ...]:
        name, call = link
        if name in EXECUTES and call.args and not any(h.state == "statement" for h in held):
            return self._executed_by(link, env)
        if not held:
            return self._elsewhere(link, env)
        found: list[Held] = []
        for each in held:
            if each.state == "statement":
                self._reading.add(each.query, link)
            elif name in LIMITS and each.state == "rows":
                each.query.limited = True
            if each.state in ("statement", "rows"):
                if name in GIVES_ONE or name in GIVES_MANY or name in ENDS:
                    self._execute([each])
                    if name not in ENDS:
                        found.append(each.become("entity" if name in GIVES_ONE else "rows"))
                elif each.state == "statement":
                    found.append(each)
        if any(each.state == "statement" for each in held):
            self._arguments(call, env)
        else:
            self._elsewhere(link, env)
        return tuple(found)

    def _executed_by(self, link: Link, env: Env) -> tuple[Held, ...]:
        """``session.scalars(statement)``: the statement runs here."""
        name, call = link
        given = [each for part in call.args for each in self._look(part, env, "kept")]
        for keyword in call.keywords:
            self._look(keyword.value, env, "read")
        self._execute(given)
        return tuple([each.become(EXECUTES[name]) for each in given if each.state == "statement"])

    def _elsewhere(self, link: Link, env: Env) -> tuple[Held, ...]:
        """A method of something else, with what may be followed in its arguments."""
        name, call = link
        assert isinstance(call.func, ast.Attribute)
        use = "passed"
        if name in KEEPS and is_session(call.func.value):
            use = "dropped"
        elif name in LEVELS and is_logger(call.func.value):
            use = "read"
        found: list[Held] = []
        for part in (*call.args, *(keyword.value for keyword in call.keywords)):
            found += self._look(part, env, use)
        return tuple([each for each in found if each.state == "statement"])

    def _execute(self, held: list[Held]) -> None:
        for each in held:
            if each.state == "statement":
                each.query.executed = True
                each.query.loops = max(each.query.loops, self.place.loops)

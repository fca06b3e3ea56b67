"""What an expression inside a task stands for."""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.analysis.dag_rules.classes import class_constant, method
from workbench.analysis.dag_rules.kept_state import KeptState, secret_of
from workbench.analysis.dag_rules.modules import Function
from workbench.analysis.dag_rules.values import UNKNOWN, Kept, Origin, Source, Value, mixed
from workbench.analysis.dag_rules.words import (
    AWARE_CLOCKS,
    BULK_CALLS,
    CURRENT_CONTEXT,
    ENVIRONMENT,
    FILES,
    FROM_SECONDS,
    KEEPS_BULK,
    NAIVE_CLOCKS,
    NOW,
    RUN_WORDS,
    SECRET_ATTRIBUTES,
    SUBMITS,
)

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
IN_CONTEXT = {
    "ti": "@ti",
    "task_instance": "@ti",
    "task": "@task",
    "task_state_store": "@task-store",
    "asset_state_store": "@asset-stores",
}
OWN_ID = {"@ti.task_id", "@task.task_id", "@self.task_id", "@ti.task.task_id"}
TEMPLATE_VARIABLE = re.compile(r"\{\{[^}]*?var\.(?:value|json)\.(?:get\(\s*['\"])?([\w.\-]+)")
TEMPLATE_PULL = re.compile(
    r"xcom_pull\((?=[^)]*task_ids\s*=\s*\[?['\"](?P<task>[\w.\-]+))(?:[^)]*key\s*=\s*['\"](?P<key>[^'\"]+))?"
)


@dataclass(slots=True, kw_only=True)
class Expressions(KeptState, ABC):
    """Values of expressions; calls of kept state become events."""

    env: dict[str, Value] = field(default_factory=dict)

    @abstractmethod
    def inline(self, function: Function, call: ast.Call, *, bound: Value | None = None) -> Value:
        """Walk a function of the file."""

    def value(self, node: ast.expr | None) -> Value:
        """Return what an expression stands for."""
        if node is None:
            return UNKNOWN
        told = WAYS.get(type(node))
        if told is not None:
            return told(self, node)
        parts = [c for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr)]
        return mixed(*map(self.value, parts))

    def templates(self, values: Iterable[ast.expr]) -> None:
        """Note what templates of an operator's arguments read."""
        for value in values:
            for node in ast.walk(value):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    for found in TEMPLATE_VARIABLE.finditer(node.value):
                        self.read_in_template(node, Kept.VARIABLE, found[1])
                    for found in TEMPLATE_PULL.finditer(node.value):
                        if found["task"] in self.task.ids:
                            self.read_in_template(node, Kept.XCOM, found["key"] or "return_value")

    def _name(self, node: ast.Name) -> Value:
        if node.id in self.env:
            return self.env[node.id]
        dotted = self.module.dotted(node)
        if dotted in self.module.functions:
            return Value(name=f"@function:{dotted}", node=self.module.functions[dotted])
        made = self.module.assigned.get(node.id)
        if isinstance(made, ast.Constant):
            return Value(shape=str(made.value), fixed=True, node=made)
        return Value(name=dotted, shape=dotted, node=made)

    def _attribute(self, node: ast.Attribute) -> Value:
        head = self.value(node.value)
        if head.name == "@self" and f"self.{node.attr}" in self.env:
            return self.env[f"self.{node.attr}"]
        name = f"{head.name}.{node.attr}" if head.name else ""
        if name in OWN_ID:
            return Value(name="@own-id")
        within = self.task.within if head.name == "@self" else None
        made = class_constant(self.module, within, node.attr) if within is not None else None
        if made is not None:
            return Value(shape=str(made.value), fixed=True, node=made)
        origins = head.origins
        if node.attr in RUN_WORDS and head.name in ("@ti", "@context"):
            origins |= {Origin(Source.RUN, node.lineno, node.attr)}
        if node.attr == "map_index":
            origins |= {Origin(Source.MAP_INDEX, node.lineno)}
        if node.attr in SECRET_ATTRIBUTES and "onnection" in _text_of(node.value, head):
            origins |= {Origin(Source.SECRET, node.lineno)}
        keeps = node.attr in BULK_CALLS or node.attr in KEEPS_BULK
        found = Value(name=name, shape=name or ast.unparse(node), origins=origins, node=node)
        return found if keeps else found.without(Source.BULK)

    def _subscript(self, node: ast.Subscript) -> Value:
        head, at = self.value(node.value), self.value(node.slice)
        if head.name == "@context":
            return self._from_context(at, node)
        if head.name == "@asset-stores":
            return Value(
                name="@asset-store", shape=at.shape or ast.unparse(node.slice), origins=at.origins
            )
        found = mixed(head, at).without(Source.BULK)
        return secret_of(at, found, node) if head.name in ENVIRONMENT else found

    def _from_context(self, key: Value, node: ast.expr) -> Value:
        if key.shape in IN_CONTEXT:
            return Value(name=IN_CONTEXT[key.shape])
        if key.shape in RUN_WORDS:
            return Value(shape=key.shape, origins=frozenset({Origin(Source.RUN, node.lineno)}))
        if key.shape == "params":
            return Value(shape="params")
        return UNKNOWN

    def _call(self, node: ast.Call) -> Value:
        func = self.value(node.func)
        name = func.name
        if CURRENT_CONTEXT.fullmatch(name):
            return Value(name="@context")
        if name == "@context.get" and node.args:
            return self._from_context(self.value(node.args[0]), node)
        kept = self.kept_call(node, func)
        if kept is not None:
            return kept
        if name.startswith("@function:"):
            function = func.node
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                return self.inline(function, node)
        within = self.task.within
        if name.startswith("@self.") and within is not None:
            if name == "@self.defer":
                self.defers = True
            own = method(self.module, within, name.removeprefix("@self."))
            if own is not None:
                return self.inline(own, node, bound=Value(name="@self"))
        parts = [self.value(a) for a in node.args] + [self.value(k.value) for k in node.keywords]
        return self._foreign(node, func, parts)

    def _foreign(self, node: ast.Call, func: Value, parts: list[Value]) -> Value:
        """A call of code that stands elsewhere: what goes in may come out."""
        last = (
            node.func.attr if isinstance(node.func, ast.Attribute) else func.name.rpartition(".")[2]
        )
        found = mixed(func, *parts)
        if last not in KEEPS_BULK and "dumps" not in last:
            found = found.without(Source.BULK)
        more = set()
        if SUBMITS.fullmatch(last):
            more.add(Origin(Source.SUBMIT, node.lineno, last))
        if last in BULK_CALLS or func.name == "open().read":
            more.add(Origin(Source.BULK, node.lineno, last))
        clock = _clock(node, func.name)
        if clock is not None:
            more.add(Origin(clock, node.lineno, func.name.rpartition(".")[2]))
        found = _rezoned(node, last, found)
        if func.name in ENVIRONMENT and node.args:
            found = secret_of(self.value(node.args[0]), found, node)
        shown = func.name if func.name.startswith("@") else last
        name = f"{shown}()" if "onnection" in last or func.name in FILES else ""
        return Value(name=name, origins=found.origins | more, node=node)

    def _text(self, node: ast.JoinedStr) -> Value:
        parts = [self.value(part) for part in node.values]
        shapes = [
            part.shape
            if part.fixed
            else "{" + (part.shape or part.name or ast.unparse(source)) + "}"
            for part, source in zip(parts, node.values, strict=True)
        ]
        return Value(
            shape="".join(shapes),
            fixed=all(part.fixed for part in parts),
            origins=mixed(*parts).origins,
            node=node,
        )

    def _joined(self, node: ast.BinOp) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        shape = f"{left.shape}{right.shape}" if left.shape and right.shape else ""
        return Value(
            shape=shape,
            fixed=left.fixed and right.fixed and isinstance(node.op, ast.Add),
            origins=left.origins | right.origins,
        )

    def _walrus(self, node: ast.NamedExpr) -> Value:
        found = self.value(node.value)
        self.env[node.target.id] = found
        return found

    def _if(self, node: ast.IfExp) -> Value:
        test = self.value(node.test)
        found = self._choice([self.value(node.body), self.value(node.orelse)])
        return Value(name=found.name, origins=found.origins | test.origins)

    def _choice(self, parts: list[Value]) -> Value:
        named = [part for part in parts if part.name]
        return Value(name=named[0].name if named else "", origins=mixed(*parts).origins)

    def _comprehension(self, node: ast.expr) -> Value:
        assert isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp)
        outer = dict(self.env)
        values = []
        for part in node.generators:
            items = self.value(part.iter)
            values.append(items)
            for name in ast.walk(part.target):
                if isinstance(name, ast.Name):
                    self.env[name.id] = mixed(items)
            values += [self.value(test) for test in part.ifs]
        shown = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        values += [self.value(part) for part in shown]
        self.env = outer
        return mixed(*values)


def _clock(node: ast.Call, name: str) -> Source | None:
    """Whether a call asks the clock, and if the answer has a time zone."""
    given = [*node.args, *(k.value for k in node.keywords)]
    zoned = any(not _is_none(value) for value in given)
    if NOW.fullmatch(name):
        return Source.AWARE_CLOCK if zoned else Source.NAIVE_CLOCK
    seconds = given[0] if given else None
    if FROM_SECONDS.fullmatch(name) and isinstance(seconds, ast.Call):
        now = ast.unparse(seconds.func) in ("time.time", "time")
        return Source.NAIVE_CLOCK if now and len(given) == 1 else None
    if NAIVE_CLOCKS.fullmatch(name):
        return Source.NAIVE_CLOCK
    return Source.AWARE_CLOCK if AWARE_CLOCKS.fullmatch(name) else None


def _rezoned(node: ast.Call, last: str, value: Value) -> Value:
    """What a call on a time leaves of its zone."""
    zones = [k.value for k in node.keywords if k.arg in ("tzinfo", "tz")]
    if last == "replace" and any(_is_none(zone) for zone in zones):
        stripped = {
            Origin(Source.NAIVE_CLOCK, o.line, o.key)
            for o in value.origins
            if o.source is Source.AWARE_CLOCK
        }
        return replace(value, origins=value.origins | stripped)
    if last in ("astimezone", "make_aware") or (last in ("replace", "instance") and zones):
        return value.without(Source.NAIVE_CLOCK)
    if last == "timestamp":
        # local time without a zone gives the right seconds, which utcnow() does not
        local = {o for o in value.origins if (o.source, o.key) == (Source.NAIVE_CLOCK, "now")}
        return replace(value, origins=value.origins - local)
    return value


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _text_of(node: ast.expr, value: Value) -> str:
    return value.name or ast.unparse(node)


WAYS: dict[type[ast.expr], Callable[[Expressions, Any], Value]] = {
    ast.Constant: lambda _, node: Value(shape=str(node.value), fixed=True, node=node),
    ast.Name: Expressions._name,
    ast.Attribute: Expressions._attribute,
    ast.Subscript: Expressions._subscript,
    ast.Call: Expressions._call,
    ast.JoinedStr: Expressions._text,
    ast.Await: lambda self, node: self.value(node.value),
    ast.Starred: lambda self, node: self.value(node.value),
    ast.FormattedValue: lambda self, node: self.value(node.value),
    ast.NamedExpr: Expressions._walrus,
    ast.BoolOp: lambda self, node: self._choice([self.value(part) for part in node.values]),
    ast.IfExp: Expressions._if,
    ast.BinOp: Expressions._joined,
    ast.Lambda: lambda *_: UNKNOWN,
    **dict.fromkeys(COMPREHENSIONS, Expressions._comprehension),
}

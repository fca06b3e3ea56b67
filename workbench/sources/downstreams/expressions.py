"""Reads expressions: what they stand for, and which upstream names they use on the way."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any, ClassVar

from workbench.sources.downstreams.origins import (
    SUPER,
    Origin,
    OwnClass,
    Scope,
    Use,
    Value,
    annotated,
    below,
    joined,
    made,
)

DOTTED = re.compile(r"[A-Za-z_][\w.]*\Z")
UNIONS = frozenset({"Optional", "Union", "Annotated", "Final", "ClassVar"})


class Expressions:
    """Expressions of one file; statements build on it."""

    def __init__(self) -> None:
        self.scope = Scope("module", "", {}, None)
        self.uses: list[Use] = []
        self.classes: dict[str, OwnClass] = {}

    def read(self, node: ast.AST) -> Value | None:
        """Note what an expression uses and answer what it stands for."""
        reader = self.READERS.get(type(node))
        if reader is not None:
            return reader(self, node)
        # Only these two hand on one of their parts as it is.
        chooses = isinstance(node, ast.IfExp | ast.BoolOp)
        value: Value | None = None
        for name in node._fields:
            part = getattr(node, name)
            if isinstance(part, list):
                for each in part:
                    if isinstance(each, ast.AST):
                        found = self.read(each)
                        value = joined(value, found) if chooses else None
            elif isinstance(part, ast.AST):
                found = self.read(part)
                value = joined(value, found) if chooses and name != "test" else None
        return value

    def look_up(self, name: str) -> Value | None:
        """What a name stands for; nothing when it is of no interest."""
        scope: Scope | None = self.scope
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.above
        return None

    def point(self, node: ast.expr) -> Value | None:
        """What a dotted name stands for, without noting a use."""
        if isinstance(node, ast.Name):
            return self.look_up(node.id)
        if isinstance(node, ast.Attribute):
            value = self.point(node.value)
            return below(value, node.attr) if value else None
        return None

    def annotation(self, node: ast.expr | None) -> Value | None:
        """Instances of the imported classes that an annotation names (not those in lists)."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self._written(node.value)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return joined(self.annotation(node.left), self.annotation(node.right))
        if isinstance(node, ast.Subscript):
            name = node.value.attr if isinstance(node.value, ast.Attribute) else None
            if (name or getattr(node.value, "id", "")) not in UNIONS:
                return None
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            value: Value | None = None
            for part in parts:
                value = joined(value, self.annotation(part))
            return value
        if isinstance(node, ast.Name | ast.Attribute):
            value = self.point(node)
            return annotated(value) if value else None
        return None

    def _written(self, text: str) -> Value | None:
        """The same of an annotation in quotes."""
        try:
            inner = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            return None
        return None if isinstance(inner, ast.Constant) else self.annotation(inner)

    def note(self, value: Value, kind: str, node: ast.expr | ast.stmt) -> None:
        """Keep a use of a value; handing an instance around is no use of its class."""
        last_line, last_byte = node.end_lineno or node.lineno, node.end_col_offset or 0
        first = (node.lineno, node.col_offset)
        for origin in value:
            if origin.instance:
                continue
            use = Use(origin, kind, self.scope.qualname, *first, last_line, last_byte)
            self.uses.append(use)

    def bind(self, target: ast.AST, value: Value | None) -> None:
        """Let a target stand for a value from here on."""
        if isinstance(target, ast.Name):
            variable = tuple(o._replace(alias=True) for o in value) if value else None
            self.scope.names[target.id] = variable
        elif isinstance(target, ast.Attribute):
            self._bind_attribute(target, value)
        elif isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self.bind(part, None)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, None)
        else:
            self.read(target)

    def _bind_attribute(self, target: ast.Attribute, value: Value | None) -> None:
        on = self.read(target.value) if not isinstance(target.value, ast.Name) else None
        on = on or self.point(target.value)
        for origin in on or ():
            if (kept := self.classes.get(origin.dotted)) is not None:
                kept.own.add(target.attr)
                if together := joined(kept.attributes.get(target.attr), value):
                    kept.attributes[target.attr] = together
            else:
                self.note(below((origin,), target.attr), "attribute", target)

    def _name(self, node: ast.Name) -> Value | None:
        value = self.look_up(node.id)
        if value:
            self.note(tuple(o for o in value if not o.alias), "attribute", node)
        return value

    def _attribute(self, node: ast.Attribute) -> Value | None:
        value = self._chain(node)
        if value:
            self.note(value, "attribute", node)
        return value

    def _chain(self, node: ast.expr) -> Value | None:
        """What a chain of attributes stands for; only what is inside its first part is noted."""
        if isinstance(node, ast.Name):
            return self.look_up(node.id)
        if isinstance(node, ast.Attribute):
            value = self._chain(node.value)
            return below(value, node.attr) if value else None
        return self.read(node)

    def _call(self, node: ast.Call) -> Value | None:
        function = node.func
        if isinstance(function, ast.Name) and function.id == "super" and self.scope.owner:
            return (Origin(f"{self.scope.owner}.{SUPER}", True),)
        value = self._chain(function)
        if value:
            self.note(value, "call", node)
        for argument in node.args:
            self.read(argument)
        for keyword in node.keywords:
            self.read(keyword.value)
        return made(value) if value else None

    def _named(self, node: ast.NamedExpr) -> Value | None:
        value = self.read(node.value)
        self.bind(node.target, value)
        return value

    def _lambda(self, node: ast.Lambda) -> None:
        arguments = node.args
        for default in (*arguments.defaults, *(d for d in arguments.kw_defaults if d)):
            self.read(default)
        self._enter()
        self.scope.names.update(dict.fromkeys((p.arg for p in parameters(arguments)), None))
        self.read(node.body)
        self._leave()

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> None:
        self.read(node.generators[0].iter)
        self._enter()
        for number, generator in enumerate(node.generators):
            if number:
                self.read(generator.iter)
            self.bind(generator.target, None)
            for test in generator.ifs:
                self.read(test)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            self.read(part)
        self._leave()

    def _nothing(self, _: ast.AST) -> None:
        return None

    def _enter(self) -> None:
        outer = self.scope
        self.scope = Scope("inside", outer.qualname, {}, outer, outer.owner)

    def _leave(self) -> None:
        assert self.scope.above is not None
        self.scope = self.scope.above

    READERS: ClassVar[dict[type, Callable[[Any, Any], Value | None]]] = {
        ast.Attribute: _attribute,
        ast.Call: _call,
        ast.Constant: _nothing,
        ast.DictComp: _comprehension,
        ast.GeneratorExp: _comprehension,
        ast.Lambda: _lambda,
        ast.ListComp: _comprehension,
        ast.Load: _nothing,
        ast.Name: _name,
        ast.NamedExpr: _named,
        ast.SetComp: _comprehension,
    }
    # held by the class: in each reader they would be a circle, that only a collector takes apart


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    """All parameters of a function in order."""
    variable = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *variable]

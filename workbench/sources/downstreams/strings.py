"""Reads names in quotes: dotted paths, attributes, options, types that are compared with, SQL."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from workbench.sources.downstreams.imports import Imports
from workbench.sources.downstreams.origins import OURS, Origin, Use, Value, below
from workbench.sources.downstreams.sql import named_in

ANYBODYS = frozenset({"literal", "sql"})
"""Kinds of use that name nothing of the upstream by themselves."""
LONGEST = 200
DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?::[A-Za-z_]\w*)?\Z")
WORD = re.compile(r"[A-Za-z][\w.-]{1,59}\Z")
VARIABLE = re.compile(r"\bAIRFLOW__([A-Z0-9]+(?:_[A-Z0-9]+)*)__([A-Z0-9]+(?:_[A-Z0-9]+)*)\b")
"""An option as the environment names it."""
NAMES_ATTRIBUTE = frozenset({"getattr", "hasattr", "setattr", "delattr", "object"})
"""Functions whose first argument has an attribute named by the second (``patch.object`` too)."""
READS_OPTION = re.compile(
    r"\b(?:conf|configuration)\.(?:get\w*|has_option|set\w*|remove_option|is_\w+)\Z"
)
FILTERS = frozenset({"filter_by"})
IDENTITY = "polymorphic_identity"
END_OF_LINE = 1 << 20


class Strings(Imports):
    """Names in quotes of one file."""

    def note_literal(self, node: ast.expr, at: ast.expr) -> None:
        """Note a word that something is compared with."""
        text = _text(node)
        if text is not None and WORD.match(text):
            self.note((Origin(f"literal:{text}"),), "literal", at)

    def _constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and node.value:
            self._read_text(node.value, node)

    def _joined(self, node: ast.JoinedStr) -> None:
        """An f-string: its values are read, its text with a blank for each of them."""
        parts = [_text(part) for part in node.values]
        self._read_text("".join(" ? " if part is None else part for part in parts), node)
        for part in node.values:
            if not isinstance(part, ast.Constant):
                self.read(part)

    def _compare(self, node: ast.Compare) -> None:
        sides = [node.left, *node.comparators]
        for side in sides:
            self.read(side)
        if any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides):
            return
        for operator, first, second in zip(node.ops, sides, sides[1:], strict=False):
            among = isinstance(operator, ast.In | ast.NotIn)
            if among and isinstance(second, ast.Tuple | ast.List | ast.Set):
                for part in second.elts:
                    self.note_literal(part, node)
            elif isinstance(operator, ast.Eq | ast.NotEq):
                self.note_literal(first if _text(second) is None else second, node)

    def _dictionary(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                self.read(key)
                if _text(key) == IDENTITY:
                    self.note_literal(value, value)
            self.read(value)

    def _call(self, node: ast.Call) -> Value | None:
        value = super()._call(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        if name in NAMES_ATTRIBUTE and len(node.args) > 1:
            self._attribute_named(node)
        elif name in FILTERS:
            for keyword in node.keywords:
                self.note_literal(keyword.value, node)
        elif name == "conf_vars":
            self._options_set(node)
        if isinstance(node.func, ast.Attribute):
            self._option_read(node)
        return value

    def _attribute_named(self, node: ast.Call) -> None:
        """``getattr(x, "name")`` is a use of ``x.name``."""
        on, name = self.point(node.args[0]), _text(node.args[1])
        if on and name is not None and name.isidentifier():
            self.note(below(on, name), "string", node)

    def _option_read(self, node: ast.Call) -> None:
        """``conf.get("section", "option")`` of the upstream's configuration."""
        value = self.point(node.func)
        if not value or not any(READS_OPTION.search(origin.dotted) for origin in value):
            return
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        given = [*node.args, None, None]
        parts = [_text(given[n] or named.get(key)) for n, key in enumerate(("section", "key"))]
        self._note_option(parts[0], parts[1], node)

    def _options_set(self, node: ast.Call) -> None:
        """``conf_vars({("section", "option"): "value"})``."""
        for part in node.args:
            for key in part.keys if isinstance(part, ast.Dict) else ():
                if isinstance(key, ast.Tuple) and len(key.elts) == 2:
                    self._note_option(_text(key.elts[0]), _text(key.elts[1]), key)

    def _note_option(self, section: str | None, option: str | None, node: ast.expr) -> None:
        if section:
            name = f"{section}.{option}" if option else section
            self.note((Origin(f"config:{name.lower()}"),), "config", node)

    def _read_text(self, text: str, node: ast.expr) -> None:
        """Note what a text names."""
        if len(text) <= LONGEST and DOTTED.match(text):
            for origin in self._path_in(text.replace(":", ".")):
                self.note((origin,), "string", node)
        if "AIRFLOW__" in text:
            for found in VARIABLE.finditer(text):
                self._note_option(found[1], found[2], node)
        for table, column, line in named_in(text):
            target = Origin(f"table:{table}.{column}" if column else f"table:{table}")
            self._note_line(target, text, line, node)

    def _path_in(self, text: str) -> Iterator[Origin]:
        """The upstream object that a dotted path names, or one of the tree."""
        if any(text.startswith(root + ".") for root in self._modules.roots):
            parts = text.split(".")
            owns = any(
                self._modules.own(".".join(parts[:n])) and not self._modules.is_upstream(head)
                for n in range(len(parts), 1, -1)
                if (head := ".".join(parts[:n]))
            )
            if not owns:
                yield Origin(text)
                return
        parts = text.split(".")
        if self._modules.own(parts[0]) is None:
            return
        for length in range(len(parts), 0, -1):
            own = self._modules.own(".".join(parts[:length]))
            if own is not None:
                yield Origin(".".join([f"{OURS}{own}", *parts[length:]]))
                return

    def _note_line(self, target: Origin, text: str, line: int, node: ast.expr) -> None:
        """Note a use on a line inside a text, where the file's lines are those of the text."""
        last = node.end_lineno or node.lineno
        if last - node.lineno != text.count("\n"):
            self.note((target,), "sql", node)
            return
        at = node.lineno + line
        self.uses.append(Use(target, "sql", self.scope.qualname, at, 0, at, END_OF_LINE))

    READERS: ClassVar[dict[type, Callable[[Any, Any], Value | None]]] = Imports.READERS | {
        ast.Call: _call,
        ast.Compare: _compare,
        ast.Constant: _constant,
        ast.Dict: _dictionary,
        ast.JoinedStr: _joined,
    }


def _text(node: ast.expr | None) -> str | None:
    """The text that an expression is; nothing when it is none, or not known here."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None

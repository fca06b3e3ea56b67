"""Calls that change an object in place, however they are spelled."""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from workbench.sources.python_facts.syntax import simple_text
from workbench.sources.python_facts.visitors.origins import (
    Env,
    Origins,
    called_name,
    hanging,
    origins,
)

# Method name -> how the change is told.
METHODS: dict[str, str] = {
    name: name
    for name in (
        *("add", "append", "appendleft", "clear", "discard", "extend", "extendleft", "insert"),
        *("move_to_end", "pop", "popitem", "popleft", "remove", "reverse", "rotate", "setdefault"),
        *("sort", "update", "difference_update", "intersection_update"),
        "symmetric_difference_update",
    )
} | {
    "__setitem__": "setitem",
    "__delitem__": "delitem",
    "__setattr__": "setattr",
    "__delattr__": "delattr",
    "__iadd__": "augassign",
    "__iand__": "augassign",
    "__ior__": "augassign",
    "__isub__": "augassign",
    "__ixor__": "augassign",
}
# Functions that change their first argument.
IN_PLACE_OPERATORS = (
    *("iadd", "iand", "iconcat", "ifloordiv", "ilshift", "imatmul", "imod", "imul", "ior", "ipow"),
    *("irshift", "isub", "itruediv", "ixor"),
)
FUNCTIONS: dict[str, str] = {
    name: name
    for name in (
        *("setattr", "delattr", "setitem", "delitem", "shuffle"),
        *("heapify", "heappop", "heappush", "heappushpop", "heapreplace"),
        *("insort", "insort_left", "insort_right"),
    )
} | dict.fromkeys(IN_PLACE_OPERATORS, "augassign")
FUNCTION_MODULES = frozenset({"operator", "heapq", "bisect", "random"})
# `set.add(x, v)` changes x.
TYPES = frozenset(
    {"list", "set", "dict", "bytearray", "deque", "Counter", "OrderedDict", "defaultdict"}
    | {"MutableMapping", "MutableSequence", "MutableSet", "object"}
)
# Functions of these modules share a method's name and change no argument of theirs.
PURE_MODULES = frozenset({"os", "np", "numpy", "pd", "operator", "shutil", "math", "re", "copy"})
# How a mutating call or a walrus is found in the text, before any tree is walked. One expression
# for all of it would be ten times slower: these start with a letter that the engine can jump to.
_ATTRIBUTES = "|".join(sorted({*METHODS, *FUNCTIONS})).encode()
MUTATING_ATTRIBUTE = re.compile(rb"\.\s*(?:" + _ATTRIBUTES + rb")\b")
IN_PLACE_OPERATOR = re.compile(
    b"i(?:" + "|".join(name[1:] for name in IN_PLACE_OPERATORS).encode() + rb")\s*\("
)
TELLTALES = (
    *(b":=", b"setattr", b"delattr", b"item(", b"heap", b"insort", b"shuffle", b"methodcaller"),
)
MUTATING_NAME = re.compile(b":=|methodcaller|" + "|".join(sorted(FUNCTIONS)).encode())


class Change(NamedTuple):
    """A call's change in place: what it changes, how, and what goes in."""

    changed: Origins
    how: str
    values: list[ast.expr]


def changes_of(node: ast.Call, env: Env) -> list[Change]:
    """What a call changes in place, its own arguments that are mutating methods included."""
    found = [
        Change(origins(argument.value, env), METHODS[argument.attr], [])
        for argument in node.args
        # A bound method handed on: `map(deps.add, names)`.
        if isinstance(argument, ast.Attribute) and argument.attr in METHODS
    ]
    change = _change(node, env)
    return [*found, change] if change else found


def _change(node: ast.Call, env: Env) -> Change | None:
    function = node.func
    if isinstance(function, ast.Attribute):
        return _by_method(node, function, env)
    if isinstance(function, ast.Name):
        if function.id in FUNCTIONS and function.id not in env:
            return _by_function(FUNCTIONS[function.id], node.args, env)
        return _by_alias(node, function, env)
    if isinstance(function, ast.Call) and called_name(function) == "methodcaller":
        method = function.args[0] if function.args else None
        if isinstance(method, ast.Constant) and method.value in METHODS and node.args:
            how = METHODS[str(method.value)]
            return Change(origins(node.args[0], env), how, function.args[1:])
    return None


def _by_method(node: ast.Call, function: ast.Attribute, env: Env) -> Change | None:
    name = function.attr
    receiver = simple_text(function.value) or ""
    known = receiver.partition(".")[0] in env
    if name in FUNCTIONS and not known and receiver in FUNCTION_MODULES:
        return _by_function(FUNCTIONS[name], node.args, env)
    if name not in METHODS or (receiver in PURE_MODULES and not known):
        return None
    how = METHODS[name]
    if receiver.rpartition(".")[2] in TYPES and not known:
        return _by_function(how, node.args, env)
    if how in ("setattr", "delattr"):
        if called_name_of(function.value) == "super":
            return None  # an object's own way to set its attributes
        return _by_function(how, [function.value, *node.args], env)
    values = [*node.args, *(keyword.value for keyword in node.keywords)]
    return Change(origins(function.value, env), how, _put_in(how, values))


def _by_function(how: str, arguments: list[ast.expr], env: Env) -> Change | None:
    if not arguments:
        return None
    changed = origins(arguments[0], env)
    values = arguments[1:]
    if how in ("setattr", "delattr") and values:
        name = values[0]
        constant = isinstance(name, ast.Constant) and isinstance(name.value, str)
        changed = hanging(changed, f".{name.value}" if constant else ".*")  # type: ignore[attr-defined]
        values = values[1:]
    return Change(changed, how, _put_in(how, values))


def _by_alias(node: ast.Call, function: ast.Name, env: Env) -> Change | None:
    """``push = items.append; push(x)``."""
    for origin in env.get(function.id, ()):
        path, _, method = origin.path.rpartition(".")
        if path and method in METHODS:
            changed = (origin._replace(path=path, alias=True),)
            return Change(changed, METHODS[method], _put_in(METHODS[method], node.args))
    return None


def _put_in(how: str, values: list[ast.expr]) -> list[ast.expr]:
    return values[1:] if how == "setitem" else values


def called_name_of(node: ast.expr) -> str:
    """Last part of the name that an expression calls; empty when it is no call."""
    return called_name(node) if isinstance(node, ast.Call) else ""

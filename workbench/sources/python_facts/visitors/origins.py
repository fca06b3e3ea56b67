"""Where a local name comes from: the parameter or outer name that an expression hangs on.

An environment maps each name bound so far to its origins; no origins mean an object made in this
function. A name that is not in it is not bound here: it belongs to the module.
"""

from __future__ import annotations

import ast
from typing import NamedTuple

# Calls that hand back what hangs on their first argument, or a new container of the same elements.
SAME_ELEMENTS = frozenset(
    {"enumerate", "reversed", "sorted", "list", "tuple", "set", "frozenset", "iter", "islice"}
    | {"chain", "cycle", "filter", "copy", "deque"}
)
ELEMENT_METHODS = frozenset({"get", "setdefault", "__getitem__"})
CONTEXT_WRAPPERS = frozenset({"nullcontext", "closing", "aclosing"})
ELEMENT = "[]"


class Origin(NamedTuple):
    """The object that an expression gives, as a path from a name outside.

    ``kind`` is parameter, self, cls, module or closure; ``fallback``: it may be an object made
    here, when the caller gave none; ``alias``: reached by another name than the root's.
    """

    root: str
    kind: str
    path: str
    annotation: str | None = None
    fallback: bool = False
    alias: bool = False


Origins = tuple[Origin, ...]
Env = dict[str, Origins]


def origins(node: ast.expr | None, env: Env) -> Origins:
    """Objects from outside that an expression may give; none when it makes a new one."""
    if isinstance(node, ast.Name):
        return _of_name(node.id, env)
    if isinstance(node, ast.Attribute):
        return hanging(origins(node.value, env), f".{node.attr}")
    if isinstance(node, ast.Subscript):
        if isinstance(node.slice, ast.Slice):
            return ()  # a slice is a copy
        return hanging(origins(node.value, env), item(node.slice))
    if isinstance(node, ast.Call):
        return _of_call(node, env)
    if isinstance(node, ast.BoolOp):
        if isinstance(node.op, ast.And):
            return origins(node.values[-1], env)
        found = [origins(value, env) for value in node.values]
        return _or_new(found, new=not all(found))
    if isinstance(node, ast.IfExp):
        found = [origins(node.body, env), origins(node.orelse, env)]
        named = {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}
        chosen = any(origin.root in named for each in found for origin in each)
        return _or_new(found, new=chosen and not all(found))
    if isinstance(node, ast.NamedExpr | ast.Starred | ast.Await):
        return origins(node.value, env)
    return ()


def elements(node: ast.expr, env: Env) -> Origins:
    """Objects from outside that iterating over an expression gives."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return joined([origins(element, env) for element in node.elts])
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        return elements(node.value, env)
    if isinstance(node, ast.BoolOp):
        return joined([elements(value, env) for value in node.values])
    if isinstance(node, ast.IfExp):
        return joined([elements(node.body, env), elements(node.orelse, env)])
    if isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp):
        first = node.generators[0]
        same = isinstance(node.elt, ast.Name) and isinstance(first.target, ast.Name)
        if same and len(node.generators) == 1 and node.elt.id == first.target.id:  # type: ignore[attr-defined]
            return elements(first.iter, env)
        return ()
    if isinstance(node, ast.Call):
        name = called_name(node)
        if isinstance(node.func, ast.Attribute) and not node.args:
            if name in ("values", "copy"):
                return elements(node.func.value, env)
            if name in ("items", "keys"):
                return ()
        if name in SAME_ELEMENTS and node.args:
            taken = node.args if name == "chain" else [node.args[-1 if name == "filter" else 0]]
            return joined([elements(argument, env) for argument in taken])
    return hanging(origins(node, env), ELEMENT)


def bind(target: ast.expr, value: ast.expr | None, env: Env) -> None:
    """Bind the names of an assignment target."""
    if isinstance(target, ast.Tuple | ast.List):
        whole = isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts)
        if whole and not any(isinstance(e, ast.Starred) for e in (*target.elts, *value.elts)):  # type: ignore[union-attr]
            # All values are taken before the first name is bound: `a, b = b, a`.
            before = dict(env)
            for part, each in zip(target.elts, value.elts, strict=True):  # type: ignore[union-attr]
                bind_to(part, origins(each, before), env)
            return
    bind_to(target, origins(value, env), env)


def bind_to(target: ast.expr, found: Origins, env: Env) -> None:
    """Bind the names of a target to what has been found for it; parts get its elements."""
    if isinstance(target, ast.Name):
        env[target.id] = found
    elif isinstance(target, ast.Starred):
        bind_to(target.value, (), env)
    elif isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            bind_to(part, hanging(found, ELEMENT), env)


def bind_loop(target: ast.expr, iterable: ast.expr, env: Env) -> None:
    """Bind the names of a for statement's or comprehension's target."""
    pair = target.elts if isinstance(target, ast.Tuple) else []
    if isinstance(iterable, ast.Call) and pair:
        name = called_name(iterable)
        if name == "enumerate" and len(pair) == 2 and iterable.args:
            bind_to(pair[0], (), env)
            bind_loop(pair[1], iterable.args[0], env)
            return
        if name == "items" and len(pair) == 2 and isinstance(iterable.func, ast.Attribute):
            bind_to(pair[0], (), env)
            bind_to(pair[1], elements(iterable.func.value, env), env)
            return
        if name == "zip" and len(pair) == len(iterable.args):
            for part, argument in zip(pair, iterable.args, strict=True):
                bind_loop(part, argument, env)
            return
    bind_to(target, elements(iterable, env), env)


def bind_context(target: ast.expr, manager: ast.expr, env: Env) -> None:
    """Bind the target of a with item: most managers hand back themselves."""
    if isinstance(manager, ast.Call) and manager.args and called_name(manager) in CONTEXT_WRAPPERS:
        manager = manager.args[0]
    bind_to(target, origins(manager, env), env)


def merged(first: Env, second: Env) -> Env:
    """Bindings after two branches: either may have been taken."""
    both = {**second, **first}
    for name, found in second.items():
        other = both[name]
        if other is not found:  # most names are not bound anew
            both[name] = joined([other, found])
    return both


def joined(found: list[Origins]) -> Origins:
    """Several origins as one list, each path once."""
    kept: dict[str, Origin] = {}
    for each in found:
        for origin in each:
            known = kept.get(origin.path)
            if known is not None and known.fallback:
                continue
            kept[origin.path] = origin
    return tuple(kept.values())


def hanging(found: Origins, part: str) -> Origins:
    """Origins of what hangs on an object: an attribute or an item of it."""
    return tuple([o._replace(path=o.path + part) for o in found]) if found else ()


def item(index: ast.expr) -> str:
    """Path of an item: constant strings are kept, other indexes are not told apart."""
    if isinstance(index, ast.Constant) and isinstance(index.value, str):
        return f'["{index.value}"]'
    return ELEMENT


def called_name(node: ast.Call) -> str:
    """Last part of the name that is called."""
    function = node.func
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def _of_name(name: str, env: Env) -> Origins:
    found = env.get(name)
    if found is None:
        return (Origin(name, "module", name),)
    if any(o.path != name and not o.alias for o in found):
        return tuple([o._replace(alias=o.alias or o.path != name) for o in found])
    return found


def _of_call(node: ast.Call, env: Env) -> Origins:
    name, arguments = called_name(node), node.args
    if isinstance(node.func, ast.Name):
        if name == "getattr" and len(arguments) > 1:
            attribute = arguments[1]
            constant = isinstance(attribute, ast.Constant) and isinstance(attribute.value, str)
            return hanging(
                origins(arguments[0], env),
                f".{attribute.value}" if constant else ".*",  # type: ignore[attr-defined]
            )
        if name == "vars" and arguments:
            return hanging(origins(arguments[0], env), ".__dict__")
        if name == "next" and arguments:
            return elements(arguments[0], env)
    if name == "cast" and len(arguments) == 2:
        return origins(arguments[1], env)
    if name in ELEMENT_METHODS and isinstance(node.func, ast.Attribute) and arguments:
        return hanging(origins(node.func.value, env), item(arguments[0]))
    return ()


def _or_new(found: list[Origins], *, new: bool) -> Origins:
    every = joined(found)
    return tuple([o._replace(fallback=True) for o in every]) if new else every

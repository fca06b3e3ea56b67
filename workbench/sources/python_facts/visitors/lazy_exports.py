"""Names that a module offers lazily: by a module ``__getattr__`` or a table of moved names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from workbench.sources.python_facts.syntax import FUNCTIONS, Segment, simple_text

# A dotted path, relative ones included: what a table of moved names leads to.
IMPORT_PATH = re.compile(r"\.*[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Offer = tuple[str, str | None, ast.expr]
Tables = dict[str, ast.expr]


def lazy_names(segment: Segment) -> Iterator[Offer]:
    """Name, where it leads (if readable) and the place of each lazily offered name.

    Read are comparisons of ``__getattr__``'s parameter with strings, membership in and look-up of
    literals and module-level tables, ``match`` on it, and tables of import paths that are handed
    to a call at module level. A name that is computed is not seen.
    """
    module = segment.scopes[0]
    tables: Tables = {}
    calls: list[ast.Call] = []
    for node, statement in segment.of(ast.Assign, ast.AnnAssign):
        if statement.scope is not module or node.value is None:
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name):
                tables[target.id] = node.value
        if isinstance(node.value, ast.Call) and simple_text(targets[0]) == "__getattr__":
            calls.append(node.value)
    for expression, statement in segment.of(ast.Expr):
        if statement.scope is module and isinstance(expression.value, ast.Call):
            calls.append(expression.value)
    for call in calls:
        for argument in [*call.args, *(k.value for k in call.keywords if k.arg)]:
            table = tables.get(argument.id) if isinstance(argument, ast.Name) else argument
            yield from _moved(table)
    for function, statement in segment.of(*FUNCTIONS):
        named = statement.scope is module and function.name == "__getattr__"
        if named and function.args.args:
            yield from _from_getattr(function, tables)


def _moved(table: ast.expr | None) -> Iterator[Offer]:
    """Entries of a table whose values all are import paths; one level of modules above them."""
    if not isinstance(table, ast.Dict) or not table.keys:
        return
    entries = list(_entries(table))
    told = sum(key is not None for key in table.keys)  # `**other` tells nothing
    if entries and len(entries) == told and all(target for _, target, _ in entries):
        yield from entries
        return
    for key, value in zip(table.keys, table.values, strict=True):
        prefix = _string(key)
        if prefix is None and not (isinstance(key, ast.Name) and key.id == "__name__"):
            return
        for name, target, place in _moved(value):
            yield f"{prefix}.{name}" if prefix else name, target, place


def _entries(table: ast.Dict) -> Iterator[Offer]:
    for key, value in zip(table.keys, table.values, strict=True):
        name = _string(key)
        if name is not None and name.isidentifier() and key is not None:
            yield name, _leads_to(name, value), key


def _leads_to(name: str, value: ast.expr) -> str | None:
    """Where a table's value leads: ``"a.b.C"``, ``"a.b"`` holding the name, ``("a.b", "C")``."""
    if isinstance(value, ast.Tuple | ast.List) and value.elts:
        module = _string(value.elts[0])
        attribute = _string(value.elts[1]) if len(value.elts) > 1 else None
        if not module or not IMPORT_PATH.match(module):
            return None
        return f"{module}.{attribute or name}"
    path = _string(value)
    if not path or "." not in path or not IMPORT_PATH.match(path):
        return None
    last = path.rpartition(".")[2]
    return path if last == name or last[:1].isupper() else f"{path}.{name}"


def _string(node: ast.expr | None) -> str | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else None


def _from_getattr(function: Function, tables: Tables) -> Iterator[Offer]:
    asked = function.args.args[0].arg
    offers: list[Offer] = []
    looked_up: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.If):
            leads = _imported_in(node.body)
            for place in _compared(node.test, asked, looked_up):
                offers.append((_string(place) or "", leads.get(_string(place) or ""), place))
        elif isinstance(node, ast.Compare):
            offers += [(_string(p) or "", None, p) for p in _compared(node, asked, looked_up)]
        elif isinstance(node, ast.Match) and simple_text(node.subject) == asked:
            places = [p for case in node.cases for p in _matched(case.pattern)]
            offers += [(_string(p) or "", None, p) for p in places]
        elif isinstance(node, ast.Subscript) and simple_text(node.slice) == asked:
            looked_up.add(simple_text(node.value) or "")
        elif _is_look_up(node, asked):
            looked_up.add(simple_text(node.func.value) or "")  # type: ignore[attr-defined]
    for table in sorted(looked_up):
        offers += _names_in(tables.get(table))
    seen = {""}
    for offer in offers:
        if offer[0] not in seen:
            seen.add(offer[0])
            yield offer


def _is_look_up(node: ast.AST, asked: str) -> bool:
    """``table.get(name)``."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
        return False
    return node.func.attr in ("get", "pop") and simple_text(node.args[0]) == asked


def _compared(test: ast.expr, asked: str, looked_up: set[str]) -> Iterator[ast.expr]:
    """Strings that the parameter is compared with; tables it is sought in are noted."""
    if not isinstance(test, ast.Compare):
        return
    sides = [test.left, *test.comparators]
    if not any(simple_text(side) == asked for side in sides):
        return
    for side in sides:
        if isinstance(side, ast.Tuple | ast.List | ast.Set):
            yield from side.elts
        elif isinstance(side, ast.Name) and side.id != asked:
            looked_up.add(side.id)
        else:
            yield side


def _matched(pattern: ast.pattern) -> Iterator[ast.expr]:
    if isinstance(pattern, ast.MatchValue):
        yield pattern.value
    elif isinstance(pattern, ast.MatchOr):
        for inner in pattern.patterns:
            yield from _matched(inner)


def _imported_in(body: list[ast.stmt]) -> dict[str, str]:
    """Targets of the imports in a branch, by bound name."""
    found: dict[str, str] = {}
    for node in body:
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                dot = "" if module.endswith(".") else "."
                found[alias.asname or alias.name] = f"{module}{dot}{alias.name}"
    return found


def _names_in(table: ast.expr | None) -> Iterator[Offer]:
    if isinstance(table, ast.Dict):
        yield from _entries(table)
    elif isinstance(table, ast.Tuple | ast.List | ast.Set):
        for element in table.elts:
            if name := _string(element):
                yield name, None, element
    elif isinstance(table, ast.Call) and table.args:  # frozenset({...})
        yield from _names_in(table.args[0])

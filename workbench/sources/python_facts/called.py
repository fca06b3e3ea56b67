"""Every call of a segment with where it stands: found in one walk that several visitors share."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from workbench.sources.python_facts.syntax import (
    COMPREHENSIONS,
    Segment,
    Statement,
    children,
)

# What holds no call. An f-string's parts have no reliable place before Python 3.12.
CLOSED = frozenset({ast.Name, ast.Constant, ast.JoinedStr})
# Statements that hold no expression of their own.
WITHOUT = frozenset(
    {ast.Import, ast.ImportFrom, ast.Pass, ast.Break, ast.Continue, ast.Global, ast.Nonlocal}
)
LITERAL_NAMES = {"JoinedStr": "str", "List": "list", "Dict": "dict", "Set": "set", "Tuple": "tuple"}

_kept: WeakKeyDictionary[Segment, list[Called]] = WeakKeyDictionary()
# A node, whether it stands in a comprehension and may be left out, and the call around it.
Pending = tuple[ast.AST, bool, bool, "ast.Call | None"]


class Called(NamedTuple):
    """A call, the statement it stands in, and what is around it inside that statement.

    ``conditional`` is true when the call may be left out: under an if, try or match, in a branch of
    a conditional expression, or behind ``and`` and ``or``. ``inside`` is the call that it is an
    argument or the callee of.
    """

    node: ast.Call
    statement: Statement
    in_comprehension: bool
    conditional: bool
    inside: ast.Call | None

    @property
    def loops(self) -> int:
        """Loops around it; the test of a while is asked on each round."""
        return self.statement.loops + (self.statement.node.__class__ is ast.While)


def calls_of(segment: Segment) -> list[Called]:
    """Calls of a segment in the order of its statements, outer calls before inner ones.

    What stands inside an f-string is left out.
    """
    found = _kept.get(segment)
    if found is None:
        found = _kept[segment] = _found(segment) if b"(" in segment.text else []
    return found


def callee_text(node: ast.expr) -> str:
    """Dotted name of what is called; a call inside it reads ``()``, a subscript ``[]``.

    A literal reads as its type; anything else as ``?``.
    """
    cls = node.__class__
    if cls is ast.Name:
        return node.id  # type: ignore[attr-defined, no-any-return]
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(f".{node.attr}")
            node = node.value
        elif isinstance(node, ast.Call):
            parts.append("()")
            node = node.func
        elif isinstance(node, ast.Subscript):
            parts.append("[]")
            node = node.value
        elif isinstance(node, ast.Await):
            node = node.value
        else:
            break
    if isinstance(node, ast.Name):
        parts.append(node.id)
    elif isinstance(node, ast.Constant):
        parts.append(type(node.value).__name__)
    else:
        parts.append(LITERAL_NAMES.get(node.__class__.__name__, "?"))
    parts.reverse()
    return "".join(parts)


def _found(segment: Segment) -> list[Called]:
    found: list[Called] = []
    lines, closed = segment.lines, CLOSED
    for kind, statements in segment.by_kind():
        if kind in WITHOUT:
            continue
        parts_of = PARTS.get(kind, children)
        # A class with its body on its own line may have decorators above.
        whole = kind is not ast.ClassDef
        for statement in statements:
            node = statement.node
            line = node.lineno
            if whole and line == node.end_lineno and b"(" not in lines[line - 1]:
                continue
            for part in parts_of(node):
                if part is not None and part.__class__ not in closed:
                    _walk(part, statement, found)
    return found


def _walk(part: ast.AST, statement: Statement, found: list[Called]) -> None:
    closed = CLOSED
    pending: list[Pending] = [(part, False, statement.conditional, None)]
    while pending:
        node, often, maybe, inside = pending.pop()
        # A chain of attributes holds nothing but what it hangs on.
        while node.__class__ is ast.Attribute:
            node = node.value
        cls = node.__class__
        if cls is ast.Call:
            found.append(Called(node, statement, often, maybe, inside))  # type: ignore[arg-type]
            pending += _below_call(node, often, maybe)  # type: ignore[arg-type]
        elif cls in BRANCHING:
            pending += BRANCHING[cls](node, often, maybe, inside)
        elif cls not in closed:
            for below in reversed(children(node)):
                if below.__class__ not in closed:
                    pending.append((below, often, maybe, inside))


# Of these four, what comes last is walked first.


def _below_call(node: ast.Call, often: bool, maybe: bool) -> list[Pending]:
    closed = CLOSED
    found: list[Pending] = []
    for keyword in reversed(node.keywords):
        if keyword.value.__class__ not in closed:
            found.append((keyword.value, often, maybe, node))
    for part in reversed(node.args):
        if part.__class__ not in closed:
            found.append((part, often, maybe, node))
    function = node.func
    while function.__class__ is ast.Attribute:
        function = function.value
    if function.__class__ not in closed:
        found.append((function, often, maybe, node))
    return found


def _comprehension(
    node: Any, often: bool, maybe: bool, inside: ast.Call | None
) -> Iterator[Pending]:
    first, *rest = node.generators
    made = [node.value, node.key] if isinstance(node, ast.DictComp) else [node.elt]
    for part in (*made, *reversed(rest), *reversed(first.ifs)):
        yield part, True, maybe, inside
    # The first iterable is evaluated once, all else for each item.
    yield first.iter, often, maybe, inside


def _choice(node: Any, often: bool, maybe: bool, inside: ast.Call | None) -> Iterator[Pending]:
    yield node.orelse, often, True, inside
    yield node.body, often, True, inside
    yield node.test, often, maybe, inside


def _and_or(node: Any, often: bool, maybe: bool, inside: ast.Call | None) -> Iterator[Pending]:
    for part in reversed(node.values[1:]):
        yield part, often, True, inside
    yield node.values[0], often, maybe, inside


BRANCHING: dict[type[ast.AST], Callable[..., Iterator[Pending]]] = {
    **dict.fromkeys(COMPREHENSIONS, _comprehension),
    ast.IfExp: _choice,
    ast.BoolOp: _and_or,
}


def _of_function(node: Any) -> list[ast.AST]:
    return [*node.decorator_list, *node.args.defaults, *node.args.kw_defaults]


def _of_test(node: Any) -> list[ast.AST]:
    return [node.test]


def _of_loop(node: Any) -> list[ast.AST]:
    return [node.target, node.iter]


def _of_with(node: Any) -> list[ast.AST]:
    return [*node.items]


def _of_try(node: Any) -> list[ast.AST]:
    return [handler.type for handler in node.handlers]


# Parts of a statement that are no statements of their own, null where one is left out; of the kinds
# that are not here, all children.
PARTS: dict[type[ast.AST], Callable[[Any], Sequence[ast.AST | None]]] = {
    ast.Expr: lambda node: (node.value,),
    ast.Return: lambda node: (node.value,),
    ast.Assign: lambda node: (*node.targets, node.value),
    ast.AugAssign: lambda node: (node.target, node.value),
    ast.FunctionDef: _of_function,
    ast.AsyncFunctionDef: _of_function,
    ast.ClassDef: lambda node: [*node.decorator_list, *node.bases, *node.keywords],
    ast.If: _of_test,
    ast.While: _of_test,
    ast.For: _of_loop,
    ast.AsyncFor: _of_loop,
    ast.With: _of_with,
    ast.AsyncWith: _of_with,
    ast.Match: lambda node: [node.subject, *(case.guard for case in node.cases)],
    ast.Try: _of_try,
    ast.TryStar: _of_try,
}

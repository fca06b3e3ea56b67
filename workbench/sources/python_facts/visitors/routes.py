"""Routes: what the functions of a web interface answer to, take and give."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from workbench.sources.python_facts.syntax import FUNCTIONS, Definition, Segment
from workbench.sources.python_facts.visitors.parameters import parameters_of

VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "trace", "websocket")
# Decorators that say their methods themselves, GET when they say none.
ANY = ("route", "api_route", "expose")
DECORATOR = re.compile(rb"@[\w.]*(?<![A-Za-z0-9_])(?:%b)\(" % "|".join(VERBS + ANY).encode())
ROUTER = re.compile(r"(?:router|app|bp|blueprint|api)$", re.IGNORECASE)

Row = tuple[object, ...]


def visit(segment: Segment) -> Iterable[Row]:
    """Rows of the ``routes`` family, one for each method of a path."""
    return _found(segment) if b"@" in segment.text and DECORATOR.search(segment.text) else ()


def _found(segment: Segment) -> Iterator[Row]:
    for node, statement in segment.of(*FUNCTIONS):
        qualname = statement.scope.named(node.name)
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call):
                for row in _routes(segment, decorator, node):
                    yield qualname, segment.line(node), *row


def _routes(segment: Segment, call: ast.Call, function: Definition) -> Iterator[Row]:
    assert isinstance(function, FUNCTIONS)
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    router, verb = _receiver(segment, call.func)
    path = _path(segment, call.args[0] if call.args else given.get("path"), router=router)
    if path is None or verb not in (*VERBS, *ANY):
        return
    response, status = given.get("response_model", function.returns), given.get("status_code")
    for method in [verb.upper()] if verb in VERBS else _methods(segment, given.get("methods")):
        yield (
            method,
            path,
            router,
            segment.written(response) if response is not None else None,
            segment.written(status) if status is not None else None,
            [
                segment.written(arg.annotation)
                for arg, _, _ in parameters_of(function.args)
                if arg.annotation is not None
            ],
        )


def _receiver(segment: Segment, node: ast.expr) -> tuple[str, str]:
    """The router and the name that is called on it; ``@expose`` hangs on its class."""
    if isinstance(node, ast.Attribute):
        return segment.written(node.value), node.attr
    if isinstance(node, ast.Name) and node.id in ANY:
        return "", node.id
    return "", ""


def _path(segment: Segment, node: ast.expr | None, *, router: str) -> str | None:
    """The path, where the decorator is a route's and no mock's or cache's.

    What no router is known to take has to look like a path.
    """
    surely = ROUTER.search(router) is not None
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if surely or node.value.startswith("/") else None
    return segment.written(node) if surely and node is not None else None


def _methods(segment: Segment, node: ast.expr | None) -> list[str]:
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [
            part.value.upper()
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
            else segment.written(part)
            for part in node.elts
        ]
    return ["GET"] if node is None else [segment.written(node)]

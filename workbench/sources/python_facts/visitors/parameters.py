"""Parameters of functions and methods, in order, with annotation and default as written."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.sources.python_facts.syntax import FUNCTIONS, Segment

DEFAULT_KEPT = 200  # characters

Row = tuple[object, ...]
Parameter = tuple[ast.arg, str, ast.expr | None]


def visit(segment: Segment) -> Iterator[Row]:
    """Rows of the ``parameters`` family."""
    for function, statement in segment.of(*FUNCTIONS):
        qualname = statement.scope.named(function.name)
        for position, (arg, kind, default) in enumerate(parameters_of(function.args)):
            yield (
                qualname,
                arg.lineno - segment.first,
                arg.arg,
                position,
                kind,
                segment.written(arg.annotation) if arg.annotation else None,
                default is not None,
                segment.written(default)[:DEFAULT_KEPT] if default else None,
            )


def parameters_of(args: ast.arguments) -> Iterator[Parameter]:
    """Each parameter with its kind and default, in the order of the signature."""
    positional = [(a, "positional-only") for a in args.posonlyargs]
    positional += [(a, "positional") for a in args.args]
    without = len(positional) - len(args.defaults)
    for at, (arg, kind) in enumerate(positional):
        yield arg, kind, args.defaults[at - without] if at >= without else None
    if args.vararg:
        yield args.vararg, "var-positional", None
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield arg, "keyword-only", default
    if args.kwarg:
        yield args.kwarg, "var-keyword", None

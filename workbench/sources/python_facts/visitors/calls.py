"""Calls: what a function, class body or module calls, how it passes arguments, in which loops.

Left out are calls that say nothing about behaviour between functions: builtins that only look at
or convert a value (:data:`BUILTINS`), pure methods of strings and views of dicts
(:data:`PURE_METHODS`), methods of a literal, logging (:data:`LEVELS` of what is named like a
logger), and all that stands inside an f-string.
"""

from __future__ import annotations

import ast

from workbench.sources.python_facts.called import callee_text, calls_of
from workbench.sources.python_facts.syntax import Segment

BUILTINS = frozenset(
    (
        *("abs", "all", "any", "bool", "bytes", "callable", "cast", "chr", "dict", "divmod"),
        *("enumerate", "filter", "float", "format", "frozenset", "getattr", "hasattr", "hash"),
        *("hex", "id", "int", "isinstance", "issubclass", "iter", "len", "list", "max"),
        *("memoryview", "min", "NewType", "next", "object", "ord", "ParamSpec", "pow", "print"),
        *("range", "repr", "reversed", "round", "set", "slice", "sorted", "str", "sum"),
        *("super", "tuple", "type", "TypeVar", "zip"),
    )
)
PURE_METHODS = frozenset(
    (
        *("capitalize", "casefold", "decode", "encode", "endswith", "format", "isalnum"),
        *("isdigit", "isoformat", "items", "keys", "ljust", "lower", "lstrip"),
        *("partition", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines"),
        *("startswith", "strftime", "strip", "title", "upper", "values", "zfill"),
    )
)
LEVELS = frozenset(
    (
        *("critical", "debug", "error", "exception", "fatal", "info", "isEnabledFor", "log"),
        *("warn", "warning"),
    )
)
LITERALS = (ast.Constant, ast.JoinedStr)
LOGGERS = frozenset({"log", "logger", "logging", "_log", "_logger", "LOG", "LOGGER"})

Row = tuple[object, ...]


def visit(segment: Segment) -> list[Row]:
    """Rows of the ``calls`` family."""
    rows: list[Row] = []
    first = segment.first
    for node, statement, in_comprehension, conditional, _ in calls_of(segment):
        function = node.func
        if isinstance(function, ast.Name):
            callee = name = function.id
            if name in BUILTINS:
                continue
        elif isinstance(function, ast.Attribute):
            name, holder = function.attr, function.value
            if name in PURE_METHODS or holder.__class__ in LITERALS:
                continue
            if name in LEVELS and is_logger(holder):
                continue
            callee = (
                f"{holder.id}.{name}" if isinstance(holder, ast.Name) else callee_text(function)
            )
        else:
            callee = callee_text(function)
            name = callee.rpartition(".")[2]
        given = node.args
        starred = sum([part.__class__ is ast.Starred for part in given]) if given else 0
        keywords = [keyword.arg for keyword in node.keywords if keyword.arg]
        rows.append(
            (
                statement.scope.qualname,
                node.lineno - first,
                callee,
                name,
                # The test of a while is asked on each round.
                statement.loops + (statement.node.__class__ is ast.While),
                in_comprehension,
                conditional,
                len(given) - starred,
                keywords,
                starred > 0 or len(keywords) < len(node.keywords),
            )
        )
    return rows


def is_logger(node: ast.expr) -> bool:
    """Whether an expression is named like a logger: ``log``, ``self.log``, ``cls.logger()``."""
    if isinstance(node, ast.Call):
        node = node.func
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name in LOGGERS

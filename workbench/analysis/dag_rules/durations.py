"""Numbers and durations that the text of a DAG file spells out."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable

from workbench.analysis.dag_rules.modules import Module

INFINITE = math.inf
DEEPEST = 20
NEVER = frozenset({"airflow.sdk.NEVER_EXPIRE", "airflow.sdk.execution_time.context.NEVER_EXPIRE"})
DURATIONS = frozenset({"datetime.timedelta", "pendulum.duration", "pendulum.Duration"})
UNITS = {
    "days": 86400.0,
    "seconds": 1.0,
    "microseconds": 1e-6,
    "milliseconds": 1e-3,
    "minutes": 60.0,
    "hours": 3600.0,
    "weeks": 604800.0,
}
SIGNS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def number(module: Module, node: ast.expr) -> float | None:
    """Return the number that an expression spells out, through names of the file."""
    return _value(module, node, 0)


def seconds(module: Module, node: ast.expr) -> float | None:
    """Return the seconds of a duration: a number, ``timedelta(...)``, sums and products of them."""
    return _value(module, node, 0)


def _value(module: Module, node: ast.expr, depth: int) -> float | None:
    if depth > DEEPEST:
        return None
    if module.dotted(node) in NEVER:
        return INFINITE
    match node:
        case ast.Constant(value=int() | float() as spelt):
            return _finite(lambda: float(spelt))
        case ast.Name(id=name) if name in module.assigned:
            return _value(module, module.assigned[name], depth + 1)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = _value(module, operand, depth + 1)
            return None if value is None else -value
        case ast.BinOp(left=left, op=op, right=right) if type(op) in SIGNS:
            one, two = (_value(module, side, depth + 1) for side in (left, right))
            if one is None or two is None:
                return None
            return _finite(lambda: SIGNS[type(op)](one, two))
        case ast.Call() if module.dotted(node.func) in DURATIONS:
            return _duration(module, node, depth)
    return None


def _duration(module: Module, call: ast.Call, depth: int) -> float | None:
    named = [(k.arg or "", k.value) for k in call.keywords]
    total = 0.0
    for unit, node in [*zip(UNITS, call.args, strict=False), *named]:
        value = _value(module, node, depth + 1)
        if value is None or unit not in UNITS:
            return None
        total += value * UNITS[unit]
    return total


def _finite(compute: Callable[[], float]) -> float | None:
    """A number that no float can hold tells nothing."""
    try:
        return compute()
    except (OverflowError, ZeroDivisionError):
        return None

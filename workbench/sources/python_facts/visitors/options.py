"""Options: where code reads the configuration, and what it takes when nothing is set.

What a configuration file declares is read by :mod:`workbench.sources.config_facts`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from workbench.sources.python_facts.called import calls_of
from workbench.sources.python_facts.syntax import Segment, simple_text

GETTER = re.compile(rb"conf(?:iguration)?\s*\.\s*(?:get|has_option|has_section)")
NAMES = re.compile(r"get\w*|has_option|has_section")
# A whole section is read by these; all others name an option.
SECTIONS = frozenset({"getsection", "has_section"})
# `conf` of anything else is another's: a run's, a Spark session's.
HOLDERS = frozenset({"airflow", "configuration", "settings", "self", "cls"})
DEFAULT_CHARACTERS = 200

Row = tuple[object, ...]


def visit(segment: Segment) -> Iterable[Row]:
    """Rows of the ``options`` family of kind ``read``."""
    return _found(segment) if GETTER.search(segment.text) else ()


def _found(segment: Segment) -> Iterator[Row]:
    for called in calls_of(segment):
        function = called.node.func
        if (
            isinstance(function, ast.Attribute)
            and NAMES.fullmatch(function.attr)
            and _is_configuration(function.value)
        ):
            read = _read(segment, called.node, function.attr)
            if read is not None:
                line = segment.line(called.node)
                yield called.statement.scope.qualname, line, "read", *read


def _is_configuration(node: ast.expr) -> bool:
    *holders, name = (simple_text(node) or "").split(".")
    named = name in ("conf", "configuration") or name.endswith("_conf")
    return named and HOLDERS.issuperset(holders)


def _read(segment: Segment, call: ast.Call, getter: str) -> Row | None:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    places: list[ast.expr | None] = [*call.args[:2], None, None][:2]
    section = places[0] or given.get("section")
    option = places[1] or given.get("key") or given.get("option")
    if getter in SECTIONS:
        option = None
    elif option is None:
        return None  # a mapping called conf
    # One of the two is a text, or this may be anything.
    if not any(_is_text(node) for node in (section, option)):
        return None
    fallback = given.get("fallback")
    default = segment.written(fallback)[:DEFAULT_CHARACTERS] if fallback is not None else None
    return _named(segment, section), _named(segment, option), default, getter, False


def _is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _named(segment: Segment, node: ast.expr | None) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.lower()  # as the configuration compares them
    return segment.written(node) if node is not None else None

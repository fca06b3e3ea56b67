"""What a detector's query may say: one SELECT over documented views, the same answer every time.

The engine is locked anyway; these rules turn what it would refuse late, badly or not at all into
an error that says what is wrong and what would be right.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from workbench.errors import DetectorError, Place

LONGEST_QUERY_BYTES = 200_000
TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series", "generate_subscripts"})
CLOCKS = frozenset(
    {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"}
)
# They make values of any size out of nothing, and the engine's memory limit does not count those.
GROWING = frozenset({"repeat", "lpad", "rpad", "list_resize", "array_resize"})
# Quadratic in the length of the text, and the engine cannot be interrupted inside one chunk.
QUADRATIC = frozenset({"levenshtein", "damerau_levenshtein", "editdist3"})
# Not in every build of the engine; refused by name where it is.
ENVIRONMENT = frozenset({"getenv", "current_setting", "getvariable", "version"})
# The engine's own tables, and what the views are made of.
HIDDEN = re.compile(r"(?i)(?:raw|duckdb|pg|sqlite|pragma|information)_")

Node = Mapping[str, object]


def views_named(
    tree: Node,
    sql: str,
    *,
    views: Collection[str],
    changing: Collection[str],
    path: str,
) -> tuple[str, ...]:
    """The views that a query names; every other thing it may not name is an error.

    Parameters
    ----------
    tree : mapping
        The query as ``json_serialize_sql`` gives it.
    sql : str
        The query as written, to turn offsets into lines.
    views : collection of str
        Views that are offered.
    changing : collection of str
        Functions whose answer differs from call to call.
    path : str
        Where the query stands, for the error.

    Raises
    ------
    DetectorError
        The query is not one SELECT, or names a table, file, function or clause that is refused.
    """
    if tree.get("error"):
        raise _not_a_select(tree, sql, path)
    statements = tree.get("statements")
    count = len(statements) if isinstance(statements, list) else 0
    if not isinstance(statements, list) or count != 1:
        raise DetectorError(
            f"A query is one statement; this is {count}.",
            where=Place(path=path),
            right="Write one SELECT, with WITH for the steps before it.",
        )
    nodes = list(_nodes(statements[0]))
    own = {str(name).lower() for node in nodes for name in _cte_names(node)}
    named: set[str] = set()
    for node in nodes:
        refused = _refusal(node, own=own, views=views, changing=changing)
        if refused:
            what, right = refused
            raise DetectorError(what, where=_place(path, sql, node), right=right)
        if node.get("type") == "BASE_TABLE":
            name = str(node.get("table_name", "")).lower()
            if name in views:
                named.add(name)
    return tuple(sorted(named))


def _nodes(value: object) -> Iterator[Node]:
    """Every mapping inside ``value``, outermost first, without recursion."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            yield here
            waiting.extend(v for v in here.values() if isinstance(v, (dict, list)))
        elif isinstance(here, list):
            waiting.extend(v for v in here if isinstance(v, (dict, list)))


def _cte_names(node: Node) -> Iterator[object]:
    entries = node.get("cte_map")
    listed = entries.get("map", []) if isinstance(entries, dict) else []
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict):
            yield entry.get("key")


def _refusal(
    node: Node, *, own: Collection[str], views: Collection[str], changing: Collection[str]
) -> tuple[str, str] | None:
    """What is wrong with one node and what would be right; None when it is allowed."""
    if node.get("sample"):
        return "Sampling is refused: a detector gives the same hits every time.", ""
    kind = node.get("type")
    if kind == "BASE_TABLE":
        return _table_refusal(node, own=own, views=views)
    if kind == "TABLE_FUNCTION":
        called = node.get("function")
        name = str(called.get("function_name", "")).lower() if isinstance(called, dict) else ""
        if name not in TABLE_FUNCTIONS:
            return (
                f"Table function {name} is refused: it could read files or settings.",
                f"Allowed are {', '.join(sorted(TABLE_FUNCTIONS))}.",
            )
    if kind == "SHOW_REF":
        return "DESCRIBE, SHOW and SUMMARIZE are refused.", "Write a SELECT over a view."
    if kind in ("PARAMETER", "VALUE_PARAMETER"):
        return "A query has no parameters.", "Write the value itself."
    if kind == "FUNCTION":
        return _function_refusal(str(node.get("function_name", "")).lower(), changing)
    if kind == "COLUMN_REF":
        names = node.get("column_names")
        if isinstance(names, list) and len(names) == 1 and str(names[0]).lower() in CLOCKS:
            return _function_refusal(str(names[0]).lower(), CLOCKS)
    return None


def _table_refusal(
    node: Node, *, own: Collection[str], views: Collection[str]
) -> tuple[str, str] | None:
    name = str(node.get("table_name", ""))
    right = f"Views offered: {', '.join(sorted(views))}."
    if node.get("schema_name") or node.get("catalog_name"):
        return f"Table {name} is named with a schema; views have none.", right
    if HIDDEN.match(name):
        # A step of that name elsewhere in the query would not hide the table here.
        return f"Table {name} is refused, also as the name of a step.", right
    if name.lower() not in own and name.lower() not in views:
        return f"There is no view {name}.", right
    return None


def _function_refusal(name: str, changing: Collection[str]) -> tuple[str, str] | None:
    if name in ENVIRONMENT:
        return f"Function {name} is refused: a query sees views only.", ""
    if name in changing or name in CLOCKS:
        return (
            f"Function {name} is refused: a detector gives the same hits every time.",
            "Dates come from commits.committed_utc.",
        )
    if name in GROWING:
        return f"Function {name} is refused: its result can outgrow the memory.", ""
    if name in QUADRATIC:
        return (
            f"Function {name} is refused: on long text it runs for minutes and cannot be stopped.",
            "jaccard and jaro_winkler_similarity are allowed.",
        )
    return None


def _not_a_select(tree: Node, sql: str, path: str) -> DetectorError:
    message = str(tree.get("error_message", ""))
    if tree.get("error_type") == "not implemented":
        return DetectorError(
            f"A query is one SELECT; {_first_word(sql)} is refused.",
            where=Place(path=path),
            right="Write SELECT, with WITH for the steps before it.",
        )
    at = str(tree.get("position", ""))
    line = f"line {line_at(sql, int(at))}" if at.isdigit() else ""
    return DetectorError(f"The query does not parse: {message}", where=Place(path=path, at=line))


def _first_word(sql: str) -> str:
    bare = re.sub(r"--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL)
    found = re.search(r"\w+", bare)
    return found.group().upper() if found else "an empty text"


def line_at(sql: str, offset: int) -> int:
    """The line, from 1, that a byte offset of the query falls into."""
    return sql.encode()[:offset].count(b"\n") + 1


def _place(path: str, sql: str, node: Node) -> Place:
    offset = node.get("query_location")
    size = len(sql.encode())
    known = isinstance(offset, int) and offset < size
    return Place(path=path, at=f"line {line_at(sql, offset)}" if known else "")  # type: ignore[arg-type]

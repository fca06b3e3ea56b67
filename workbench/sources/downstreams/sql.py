"""Tables and columns that a text of SQL names, with the line in it, without a grammar of SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

LONGEST = 20_000
"""A longer text is a dump: it is data, not a query."""
STATEMENT = re.compile(
    r"\s*(?:--[^\n]*\n\s*)*(?:select\b.*\bfrom\b|with\b.*\bas\b|insert\s+into\b|update\b.*\bset\b"
    r"|delete\s+from\b|alter\s+table\b|create\s+(?:unique\s+)?index\b|drop\s+table\b"
    r"|truncate\b)",
    re.IGNORECASE | re.DOTALL,
)
"""How a text begins that is SQL, and what it must hold."""
QUIET = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|%\(\w+\)s|::?\w+", re.DOTALL)
"""Comments, values, parameters and types: what stands in them names nothing."""
TABLE = re.compile(
    r"\b(?:from|join|into|update|table|index\s+\w+\s+on)\s+(?:only\s+|if\s+exists\s+)?"
    r"((?:\w+\.)?\w+)(?:\s+(?:as\s+)?(\w+))?",
    re.IGNORECASE,
)
FURTHER = re.compile(r"\s*,\s*((?:\w+\.)?\w+)(?:\s+(?:as\s+)?(\w+))?", re.IGNORECASE)
"""Another table after a comma."""
NAMED = re.compile(
    r"\bwith\s+(?:recursive\s+)?(\w+)\s+as\b|,\s*(\w+)\s+as\s*\(|\bindex\s+(\w+)\s+on\b",
    re.IGNORECASE,
)
"""Tables that the text itself makes, and indexes."""
WORD = re.compile(r"(?<![\w.:%$@])(?:(\w+)\.)?([a-zA-Z_]\w*)\b(?!\s*[(.])")
KEYWORDS = """
add all alter and any as asc between by cascade case cast check column commit conflict
constraint count create cross current_timestamp date default delete desc distinct do drop else
end except exists explain extract false fetch filter first for foreign from full group having
if ilike in index inner insert intersect interval into is join key last lateral left like limit
max min natural not nothing null nulls offset on only or order outer over partition primary
recursive references returning right row rows select set skip locked sum table then time
timestamp to true truncate union unique update using values when where with
"""
NO_COLUMN = frozenset(KEYWORDS.split())


class Named(NamedTuple):
    """A table, or one column of it, and its line in the text, the first being 0."""

    table: str
    column: str | None
    line: int


def named_in(text: str) -> Iterator[Named]:
    """What a text of SQL names; nothing when it is none.

    A column counts where its table is known: it is qualified, or there is only one table.
    """
    if len(text) > LONGEST or STATEMENT.match(text) is None:
        return
    quiet = QUIET.sub(_blanked, text.replace('"', " ").replace("`", " "))
    made = {name.lower() for found in NAMED.findall(quiet) for name in found if name}
    aliases: dict[str, str] = {}
    tables: dict[str, int] = {}
    for found in _tables(quiet):
        table = found[1].rpartition(".")[2].lower()
        if table in made or table in NO_COLUMN:
            continue
        tables.setdefault(table, _line(quiet, found.start(1)))
        aliases[table] = table
        if found[2] and found[2].lower() not in NO_COLUMN:
            aliases[found[2].lower()] = table
    for table, line in tables.items():
        yield Named(table, None, line)
    alone = len(tables) == 1 and quiet.split(None, 1)[0].lower() != "with"
    only = next(iter(tables)) if alone else None
    for found in WORD.finditer(quiet):
        qualifier, column = (found[1] or "").lower(), found[2].lower()
        if column in NO_COLUMN or column in made:
            continue
        of = aliases.get(qualifier) if qualifier else None if column in aliases else only
        if of is not None:
            yield Named(of, column, _line(quiet, found.start(2)))


def _tables(text: str) -> Iterator[re.Match[str]]:
    """Every place where a table is named, with its alias."""
    for found in TABLE.finditer(text):
        yield found
        further = FURTHER.match(text, found.end()) if found[0][:4].lower() == "from" else None
        while further:
            yield further
            further = FURTHER.match(text, further.end())


def _blanked(found: re.Match[str]) -> str:
    """As many lines of nothing."""
    return " " + "\n" * found[0].count("\n")


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at)

"""The statements that make and fill a scenario's tables, in the words of either database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from workbench.lab.scenarios import PARAMETER, Column, Index, Scenario, TableFill

Dialect = Literal["postgresql", "sqlite"]
WORD = re.compile(
    r"'(?:[^']|'')*'|\b(?P<word>rows_per_key|rows|keys|oldest|newest)\b|\$(?P<call>uuid|moment)\("
)
SCHEMA = "workbench_lab"
EPOCH = 1_767_225_600  # 2026-01-01T00:00:00Z
TYPES: Mapping[Dialect, Mapping[str, str]] = {
    "postgresql": {
        "uuid": "uuid",
        "text": "text",
        "integer": "integer",
        "bigint": "bigint",
        "float": "double precision",
        "boolean": "boolean",
        "moment": "timestamp with time zone",
    },
    "sqlite": {
        "uuid": "CHAR(32)",
        "text": "TEXT",
        "integer": "INTEGER",
        "bigint": "INTEGER",
        "float": "REAL",
        "boolean": "BOOLEAN",
        "moment": "TIMESTAMP",
    },
}
CALLS: Mapping[Dialect, Mapping[str, str]] = {
    "postgresql": {
        "uuid": "CAST(lpad(to_hex(CAST({} AS bigint)), 32, '0') AS uuid)",
        "moment": f"to_timestamp({EPOCH} + ({{}}))",
    },
    "sqlite": {
        "uuid": "printf('%032x', {})",
        "moment": f"datetime({EPOCH} + ({{}}), 'unixepoch')",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The numbers of one fill: rows of the ladder's table, rows of a key, and its keys."""

    rows: int
    rows_per_key: int

    @property
    def keys(self) -> int:
        """Keys: at least the oldest, the newest and another one."""
        return max(3, self.rows // self.rows_per_key)

    def words(self) -> dict[str, int]:
        """What the words of a scenario's values stand for."""
        return {
            "rows": self.rows,
            "keys": self.keys,
            "rows_per_key": self.rows_per_key,
            "oldest": 0,
            "newest": self.keys - 1,
        }


def expression(text: str, numbers: Numbers, *, dialect: Dialect) -> str:
    """Put a scenario's value into a database's words: numbers for names, functions for ``$``."""
    out, at = [], 0
    while match := WORD.search(text, at):
        out.append(text[at : match.start()])
        at = match.end()
        if match["word"]:
            out.append(str(numbers.words()[match["word"]]))
        elif match["call"]:
            inner, at = _inside(text, at)
            call = CALLS[dialect][match["call"]]
            out.append(call.replace("{}", expression(inner, numbers, dialect=dialect)))
        else:
            out.append(match[0])
    return "".join(out) + text[at:]


def _inside(text: str, at: int) -> tuple[str, int]:
    """The text up to the bracket that closes the one before ``at``, and the place after it."""
    depth, start = 1, at
    while at < len(text) and depth:
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return (text[start : at - 1], at) if not depth else (text[start:], at)


def key_of_row(scenario: Scenario, numbers: Numbers) -> str:
    """The key that row n belongs to, as SQL that both databases take."""
    keys, each = numbers.keys, min(numbers.rows_per_key, max(1, numbers.rows // 3))
    if scenario.fill.order == "clustered":
        return f"CASE WHEN n / {each} < {keys - 1} THEN n / {each} ELSE {keys - 1} END"
    if scenario.fill.order == "random":
        evenly = "((n * 2654435761) % 4294967296) / 4294967296.0"
        chosen = f"power({evenly}, {scenario.fill.skew})"
        middle = f"1 + CAST(floor({keys - 2} * {chosen}) AS bigint)"
    else:
        middle = f"1 + n % {keys - 2}"
    newest = f"WHEN n >= {numbers.rows - each} THEN {keys - 1}"
    return f"CASE WHEN n < {each} THEN 0 {newest} ELSE {middle} END"


def fill_statement(
    table: TableFill, scenario: Scenario, numbers: Numbers, *, dialect: Dialect
) -> str:
    """One statement that puts all rows into a table."""
    names = ", ".join(column.name for column in table.columns)
    rows = rows_statement(table, scenario, numbers, dialect=dialect)
    return f"INSERT INTO {table.name} ({names}) {rows}"


def more_statement(scenario: Scenario, numbers: Numbers, rows: int, *, dialect: Dialect) -> str:
    """One statement that writes some more rows behind those of the ladder's table."""
    table = next(table for table in scenario.tables if table.name == scenario.table)
    names = ", ".join(column.name for column in table.columns)
    span = (str(numbers.rows), str(numbers.rows + rows - 1))
    made = _rows(table, numbers, span=span, key=f"1 + n % {numbers.keys - 2}", dialect=dialect)
    return f"INSERT INTO {table.name} ({names}) {made}"


def rows_statement(
    table: TableFill, scenario: Scenario, numbers: Numbers, *, dialect: Dialect
) -> str:
    """One statement that only tells the rows a table is filled with."""
    count = expression(table.rows, numbers, dialect=dialect)
    key = key_of_row(scenario, numbers) if table.name == scenario.table else "n"
    return _rows(table, numbers, span=("0", f"({count}) - 1"), key=key, dialect=dialect)


def _rows(
    table: TableFill, numbers: Numbers, *, span: tuple[str, str], key: str, dialect: Dialect
) -> str:
    first, last = span
    values = [expression(c.value, numbers, dialect=dialect) for c in table.columns]
    series = (
        f"generate_series(CAST({first} AS bigint), {last}) AS g(n)"
        if dialect == "postgresql"
        else f"(WITH RECURSIVE g(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM g "
        f"WHERE n < ({last})) SELECT n FROM g)"
    )
    return f"SELECT {', '.join(values)} FROM (SELECT n, {key} AS k FROM {series}) AS filled"


def create_statement(table: TableFill, *, dialect: Dialect) -> str:
    """Make a table; PostgreSQL gets its keys after the fill, SQLite can only have them now."""
    parts = [f"{c.name} {TYPES[dialect][c.type]}{_needed(c, table)}" for c in table.columns]
    if dialect == "sqlite":
        if table.primary_key:
            parts.append(f"PRIMARY KEY ({', '.join(table.primary_key)})")
        parts += [clause for _, clause in _references(table)]
    return f"CREATE TABLE {table.name} ({', '.join(parts)})"


def _needed(column: Column, table: TableFill) -> str:
    keys = {*table.primary_key, *(name for key in table.foreign_keys for name in key.columns)}
    return " NOT NULL" if column.name in keys else ""


def _references(table: TableFill) -> list[tuple[str, str]]:
    return [
        (
            f"{table.name}_{'_'.join(key.columns)}_fkey",
            f"FOREIGN KEY ({', '.join(key.columns)}) REFERENCES {key.references} "
            f"ON DELETE {key.on_delete.upper()}",
        )
        for key in table.foreign_keys
    ]


def key_statements(table: TableFill) -> tuple[list[str], list[str]]:
    """Primary key and indexes, then foreign keys, of a PostgreSQL table that is filled."""
    keys = []
    if table.primary_key:
        named = ", ".join(table.primary_key)
        keys = [f"ALTER TABLE {table.name} ADD PRIMARY KEY ({named})"]
    keys += [index_statement(index, table.name) for index in table.indexes]
    foreign = [
        f"ALTER TABLE {table.name} ADD CONSTRAINT {name} {clause}"
        for name, clause in _references(table)
    ]
    return keys, foreign


def index_statement(index: Index, table: str) -> str:
    """Make an index; its name says whose it is."""
    return f"CREATE INDEX {index_name(index)} ON {table} ({', '.join(index.columns)})"


def index_name(index: Index) -> str:
    """The name an index has in the database."""
    return f"lab_{index.name}"


def placeholders(query: str, *, dialect: Dialect) -> str:
    """Write the parameters as the database's client does."""
    if dialect == "sqlite":
        return query

    def written(match: re.Match[str]) -> str:
        return f"%({match['name']})s" if match["name"] else match[0]

    return PARAMETER.sub(written, query.replace("%", "%%"))

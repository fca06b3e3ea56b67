"""SQLite as the lab's database: always there, without a server whose time could be told apart."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from workbench.errors import LabError
from workbench.lab.plans import Plan, read_sqlite_plan
from workbench.lab.release_tables import release_statements
from workbench.lab.scenarios import Index, Scenario
from workbench.lab.statements import (
    Numbers,
    create_statement,
    expression,
    fill_statement,
    index_name,
    index_statement,
    more_statement,
)

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"


@dataclass(slots=True, kw_only=True)
class SQLiteLab:
    """A database that SQLite itself removes: it has no name, and ends with its connection."""

    connection: sqlite3.Connection
    why: str = ""
    is_postgresql: bool = False

    @classmethod
    def open(cls, *, why: str = "") -> SQLiteLab:
        """Open a database on disk that no folder shows."""
        connection = sqlite3.connect("", isolation_level=None)
        connection.create_function("power", 2, pow, deterministic=True)
        for pragma in ("synchronous = OFF", "journal_mode = MEMORY", "cache_size = -65536"):
            connection.execute(f"PRAGMA {pragma}")
        return cls(connection=connection, why=why)

    def close(self) -> None:
        """Leave it; nothing remains."""
        self.connection.close()

    @property
    def version(self) -> str:
        """Version of the library."""
        return sqlite3.sqlite_version

    @property
    def label(self) -> str:
        """Name and version, and why it is not PostgreSQL."""
        return f"sqlite {self.version}" + (" (no PostgreSQL)" if self.why else "")

    @property
    def settings(self) -> Mapping[str, str]:
        """What a plan hangs on."""
        return {"synchronous": "OFF", "journal_mode": "MEMORY", "cache_size": "-65536"}

    def fill(self, scenario: Scenario, numbers: Numbers) -> None:
        """Make the tables anew, fill them, and take statistics."""
        if scenario.release:
            tables, indexes, _ = release_statements(scenario, dialect="sqlite")
        else:
            tables = [create_statement(table, dialect="sqlite") for table in scenario.tables]
            indexes = [
                index_statement(index, table.name)
                for table in scenario.tables
                for index in table.indexes
            ]
        fills = [
            fill_statement(table, scenario, numbers, dialect="sqlite") for table in scenario.tables
        ]
        with _told():
            self.connection.execute("PRAGMA foreign_keys = OFF")
            for (name,) in self.connection.execute(TABLES).fetchall():
                self.connection.execute(f"DROP TABLE {name}")
            for statement in (*tables, *fills, *indexes):
                self.connection.execute(statement)
            self.connection.execute("PRAGMA foreign_keys = ON")
            self.connection.execute("ANALYZE")

    def add_index(self, index: Index, table: str) -> tuple[float, int]:
        """Build an index; its bytes are what the file grew by."""
        before = self._bytes()
        begun = time.perf_counter()
        with _told():
            self.connection.execute(index_statement(index, table))
        seconds = time.perf_counter() - begun
        self.connection.execute("ANALYZE")
        return seconds, max(0, self._bytes() - before)

    def _bytes(self) -> int:
        pages, free, size = (
            self.connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def drop_index(self, index: Index) -> None:
        """Remove an index."""
        self.connection.execute(f"DROP INDEX IF EXISTS {index_name(index)}")
        self.connection.execute("ANALYZE")

    def values(
        self, expressions: Mapping[str, str], numbers: Numbers, repetition: int
    ) -> dict[str, Any]:
        """Parameters of one repetition."""
        if not expressions:
            return {}
        said = [
            f"{expression(text, numbers, dialect='sqlite')} AS {name}"
            for name, text in expressions.items()
        ]
        with _told():
            row = self.connection.execute(
                f"SELECT {', '.join(said)} FROM (SELECT ? AS n)", (repetition,)
            ).fetchone()
        return dict(zip(expressions, row, strict=True))

    def timed(self, scenario: Scenario, values: Mapping[str, Any]) -> float:
        """Run the query, fetch all of its rows, undo it."""
        with _told():
            self.connection.execute("BEGIN")
            begun = time.perf_counter()
            try:
                self.connection.execute(scenario.query, values).fetchall()
                return 1000 * (time.perf_counter() - begun)
            finally:
                self.connection.execute("ROLLBACK")

    def explain(self, scenario: Scenario, values: Mapping[str, Any], *, analyze: bool) -> Plan:
        """Plan of the query; SQLite measures none."""
        del analyze
        with _told():
            rows = self.connection.execute(f"EXPLAIN QUERY PLAN {scenario.query}", values)
            return read_sqlite_plan([str(row[3]) for row in rows.fetchall()])

    def generic_plan(self, scenario: Scenario, values: Mapping[str, Any]) -> Plan | None:
        """None: SQLite plans without looking at parameters."""
        del scenario, values
        return None

    def write_cost(self, scenario: Scenario, numbers: Numbers, rows: int) -> float:
        """Milliseconds to insert rows into the scenario's table; they are taken out again."""
        statement = more_statement(scenario, numbers, rows, dialect="sqlite")
        with _told():
            self.connection.execute("BEGIN")
            begun = time.perf_counter()
            try:
                self.connection.execute(statement)
                return 1000 * (time.perf_counter() - begun)
            finally:
                self.connection.execute("ROLLBACK")

    def set(self, settings: Mapping[str, str]) -> Mapping[str, str]:
        """Nothing: settings of a scenario are PostgreSQL's."""
        del settings
        return {}


@contextmanager
def _told() -> Iterator[None]:
    """Say what SQLite refused in an error of ours."""
    try:
        yield
    except sqlite3.Error as error:
        if "full" in str(error):
            what = f"The disk is full: {error}."
            raise LabError(what, todo="Free some space, or ask for fewer rows.") from error
        raise LabError(f"SQLite refuses: {error}.") from error

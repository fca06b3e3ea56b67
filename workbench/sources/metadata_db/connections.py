"""Read-only connections to a metadata database: its columns, and its rows as mappings."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from workbench.errors import Place, SourceError

WANTED = {
    "task_instance": (
        "id task_id dag_id run_id map_index start_date end_date state try_number max_tries "
        "hostname pool queue operator custom_operator_name queued_dttm scheduled_dttm"
    ),
    "dag_run": (
        "dag_id run_id queued_at logical_date execution_date start_date end_date state run_type"
    ),
    "log": "id dttm dag_id task_id map_index event run_id owner extra try_number",
    "import_error": "id timestamp filename stacktrace",
    "serialized_dag": "dag_id data data_compressed created_at last_updated",
}
WANTED["task_instance_history"] = WANTED["task_instance"]
ORDER = {"serialized_dag": "last_updated", "log": "id"}
ROWS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An open database: ``ask`` runs one query and yields its rows."""

    ask: Callable[[str], Iterator[tuple[Any, ...]]]
    close: Callable[[], None]
    is_sqlite: bool

    def columns(self) -> dict[str, frozenset[str]]:
        """Tables that are wanted, and the columns that this version gives them."""
        found: dict[str, set[str]] = {}
        for table in WANTED:
            if self.is_sqlite:
                sql = f"SELECT name FROM pragma_table_info('{table}')"
            else:
                sql = (
                    "SELECT column_name FROM information_schema.columns "
                    f"WHERE table_name = '{table}' AND table_schema = ANY (current_schemas(false))"
                )
            for (name,) in self.ask(sql):
                found.setdefault(table, set()).add(str(name))
        return {table: frozenset(names) for table, names in found.items()}

    def rows(self, table: str, columns: frozenset[str]) -> Iterator[dict[str, Any]]:
        """Rows of a table, of the columns that are wanted and there."""
        names = [name for name in WANTED[table].split() if name in columns]
        listed = ", ".join(f'"{name}"' for name in names)
        order = f' ORDER BY "{ORDER[table]}"' if ORDER.get(table) in columns else ""
        for row in self.ask(f'SELECT {listed} FROM "{table}"{order}'):
            yield dict(zip(names, row, strict=True))


def open_sqlite(path: Path) -> Database:
    """Open a file that nobody can write through this connection.

    Raises
    ------
    SourceError
        It cannot be read.
    """
    try:
        connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)
        connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error as fault:
        raise _unreadable(str(path), fault) from None
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")

    def ask(sql: str) -> Iterator[tuple[Any, ...]]:
        try:
            cursor = connection.execute(sql)
            while some := cursor.fetchmany(ROWS):
                yield from some
        except sqlite3.Error as fault:
            raise _unreadable(str(path), fault) from None

    return Database(ask=ask, close=connection.close, is_sqlite=True)


def open_postgres(dsn: str) -> Database:
    """Open a session whose transactions can only read.

    Raises
    ------
    SourceError
        There is no driver, or no such database.
    """
    try:
        import psycopg
    except ImportError:
        raise SourceError(
            "PostgreSQL is read by psycopg, which is not installed.",
            todo="Install the extra pg: pip install 'incident-workbench[pg]'.",
        ) from None
    plain = "postgresql://" + dsn.partition("://")[2]
    try:
        connection = psycopg.connect(
            plain, connect_timeout=15, options="-c default_transaction_read_only=on"
        )
        connection.read_only = True
    except psycopg.Error as fault:
        raise SourceError(f"The database cannot be opened: {_said(fault, dsn)}") from None

    def ask(sql: str) -> Iterator[tuple[Any, ...]]:
        # a cursor of the server's: rows come as they are needed
        try:
            with connection.cursor(name="workbench") as cursor:
                cursor.itersize = ROWS
                cursor.execute(sql)
                yield from cursor
        except psycopg.Error as fault:
            raise SourceError(f"The database cannot be read: {_said(fault, dsn)}") from None

    return Database(ask=ask, close=connection.close, is_sqlite=False)


def _said(fault: Exception, dsn: str) -> str:
    """The first line of what the driver says, without the password of the address."""
    from urllib.parse import unquote, urlsplit

    from workbench.text.redact import redact

    line = redact((str(fault).strip() or type(fault).__name__).splitlines()[0])
    password = urlsplit(dsn).password
    for secret in (password, unquote(password)) if password else ():
        line = line.replace(secret, "<secret:password>")
    return line


def _unreadable(path: str, fault: Exception) -> SourceError:
    return SourceError(f"The database cannot be read: {fault}.", where=Place(path=path))

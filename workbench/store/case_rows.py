"""Rows of a case: a file that is read again replaces what was read from it."""

from __future__ import annotations

import duckdb
import polars as pl
import polars.selectors as cs

from workbench.domain.frames import TABLES
from workbench.domain.history import Rejection
from workbench.store.database import scalar

Connection = duckdb.DuckDBPyConnection


def set_aside(connection: Connection, table: str, origins: pl.DataFrame) -> None:
    """Take out the rows that were read from these files of a case, to be compared afterwards.

    ``origins`` has the columns ``case_id`` and ``origin_path``. What is set aside stands in the
    temporary table ``was`` until :func:`kept_rows` counts it.
    """
    there = f"CREATE TEMP TABLE IF NOT EXISTS was AS SELECT * FROM {table} LIMIT 0"
    connection.execute(there)
    connection.register("again", origins.to_arrow())
    same = "case_id IS NOT DISTINCT FROM a.case_id AND t.origin_path = a.origin_path"
    chosen = f"FROM {table} AS t WHERE EXISTS (SELECT 1 FROM again AS a WHERE t.{same})"
    try:
        connection.execute(f"INSERT INTO was SELECT t.* {chosen}")
        connection.execute(f"DELETE {chosen}")
    finally:
        connection.unregister("again")


def kept_rows(connection: Connection, table: str) -> int:
    """Count the rows that were set aside and stand there again, and forget what was set aside."""
    if not connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'was'").fetchall():
        return 0
    sql = f"SELECT count(*) FROM (SELECT * FROM {table} INTERSECT ALL SELECT * FROM was)"
    kept = scalar(connection, sql)
    connection.execute("DROP TABLE was")
    return kept


def insert_rows(
    connection: Connection, table: str, frame: pl.DataFrame
) -> tuple[int, tuple[Rejection, ...]]:
    """Append rows whose key is new; a null in a key equals a null.

    Returns
    -------
    tuple
        Rows written, and a rejection for each row whose key another file gave with other content.
        A row that another file gave just so is there already.
    """
    if frame.is_empty():
        return 0, ()
    key = TABLES[table].key
    once = frame.unique(list(key), keep="first", maintain_order=True)
    naive = once.with_columns(cs.datetime(time_zone="*").dt.replace_time_zone(None))
    same = " AND ".join(f"there.{c} IS NOT DISTINCT FROM new.{c}" for c in key)
    content = [c for c in frame.columns if c not in key and not c.startswith("origin_")]
    differs = " OR ".join(f"there.{c} IS DISTINCT FROM new.{c}" for c in content) or "false"
    connection.register("incoming", naive.to_arrow())
    try:
        clashes = connection.execute(
            "SELECT new.origin_path, new.origin_line, there.origin_path "
            f"FROM incoming AS new JOIN {table} AS there ON {same} WHERE {differs} ORDER BY ALL"
        ).fetchall()
        before = scalar(connection, f"SELECT count(*) FROM {table}")
        connection.execute(
            f"INSERT INTO {table} BY NAME SELECT new.* FROM incoming AS new "
            f"WHERE NOT EXISTS (SELECT 1 FROM {table} AS there WHERE {same})"
        )
        written = scalar(connection, f"SELECT count(*) FROM {table}") - before
    finally:
        connection.unregister("incoming")
    why = "another file gave it with other content: "
    return written, tuple(
        Rejection(path=path, at=f"line {line}", reason=why + other) for path, line, other in clashes
    )

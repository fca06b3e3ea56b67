"""The DuckDB file: made, migrated, opened for one operation at a time, and closed again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from workbench.errors import Place, StoreError
from workbench.store.lingering import let_go, linger
from workbench.store.turns import turn

if TYPE_CHECKING:
    import polars as pl

MEMORY_LIMIT = "1GB"
"""What DuckDB may hold; a load of the whole upstream history stays under it."""
FOREIGN_WAIT_SECONDS = 30.0
POLL_SECONDS = 0.05
VERSION_TABLE = "CREATE TABLE IF NOT EXISTS store (schema_number INTEGER, version BIGINT)"


def migrations() -> dict[int, str]:
    """The numbered migrations, number -> SQL, in order."""
    folder = resources.files("workbench.store") / "schema"
    files = sorted(f.name for f in folder.iterdir() if f.name.endswith(".sql"))
    return {int(name[:3]): (folder / name).read_text("utf-8") for name in files}


class Store:
    """One DuckDB file that nobody holds between operations.

    Readers open it read-only for one operation, inside
    :func:`~workbench.store.lingering.lingering` for a moment more; a writer takes its turn
    through the lock file, writes one transaction, and closes.

    Parameters
    ----------
    path : pathlib.Path
        The file; it is made, and brought to the newest schema, when it is not there.
    say : callable, optional
        Told, in a sentence, for whom an operation waits.

    Raises
    ------
    StoreError
        The file is no DuckDB file, was written by a newer workbench, or cannot be made.
    """

    def __init__(self, path: Path, *, say: Callable[[str], None] | None = None) -> None:
        self.path, self._say = path, say
        if not path.parent.is_dir():
            what = f"The folder {path.parent} does not exist."
            raise StoreError(
                what, where=Place(path=str(path)), todo="Create it, or name another file."
            )
        if not path.exists() or self._schema_number() < max(migrations()):
            with turn(path, doing="setting up the store", say=say):
                self._migrate()

    def _schema_number(self) -> int:
        with self.reading() as connection:
            tables = {row[0] for row in connection.execute("SHOW TABLES").fetchall()}
            if "store" not in tables and tables:
                what = f"This is a DuckDB file of something else: it holds {min(tables)!r}."
                raise StoreError(what, where=Place(path=str(self.path)), todo="Name another file.")
            number = scalar(connection, "SELECT schema_number FROM store") if tables else 0
        newest = max(migrations())
        if number > newest:
            what = f"The store has schema {number}; this workbench knows schemas up to {newest}."
            todo = "Update the workbench, or load into another file."
            raise StoreError(what, where=Place(path=str(self.path)), todo=todo)
        return number

    def _migrate(self) -> None:
        with self._connection(read_only=False) as connection:
            connection.execute("BEGIN")
            connection.execute(VERSION_TABLE)
            if scalar(connection, "SELECT count(*) FROM store") == 0:
                connection.execute("INSERT INTO store VALUES (0, 0)")
            done = scalar(connection, "SELECT schema_number FROM store")
            for number, sql in migrations().items():
                if number > done:
                    connection.execute(sql)
                    connection.execute("UPDATE store SET schema_number = ?", [number])
            connection.execute("COMMIT")

    @contextmanager
    def _connection(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        connection = self._connect(read_only=read_only)
        try:
            yield connection
        finally:
            if not (read_only and linger(self.path, connection)):
                connection.close()

    def _connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY_LIMIT,
            "threads": 2,
            "preserve_insertion_order": True,
        }
        if not read_only:
            config["storage_compatibility_version"] = "latest"
            let_go(self.path)
        refused = 0
        while True:
            try:
                connection = duckdb.connect(str(self.path), read_only=read_only, config=config)
            except duckdb.Error as error:
                words = _first_line(str(error))
                if not _is_held(words):
                    what = f"This is no DuckDB file that can be opened: {words}"
                    todo = "Name another file with --bench, or delete this one and load again."
                    raise StoreError(what, where=Place(path=str(self.path)), todo=todo) from error
                refused += 1
                if refused > FOREIGN_WAIT_SECONDS / POLL_SECONDS:
                    what = f"Something outside the workbench holds the file: {words}"
                    todo = "Close it there, then run this again."
                    raise StoreError(what, where=Place(path=str(self.path)), todo=todo) from error
                if read_only:
                    # a writer of ours holds it: its turn ends before this one begins
                    with turn(self.path, doing="reading", say=self._say):
                        pass
                time.sleep(POLL_SECONDS)
            else:
                # it would write into the one document on stdout
                connection.execute("SET enable_progress_bar = false")
                return connection

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only connection for one operation."""
        with self._connection(read_only=True) as connection:
            yield connection

    @contextmanager
    def writing(self, *, doing: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection inside one transaction: committed at the end, undone on any error.

        Parameters
        ----------
        doing : str
            What is being written, for those who wait.
        """
        with turn(self.path, doing=doing, say=self._say), self._connection(read_only=False) as link:
            link.execute("BEGIN")
            try:
                yield link
                link.execute("UPDATE store SET version = version + 1")
                link.execute("COMMIT")
            except BaseException:
                # the error itself says more than a failing rollback could
                with _silent():
                    link.execute("ROLLBACK")
                raise

    def mark(self) -> tuple[int, ...]:
        """What the file looks like from outside; another mark when it was written since.

        Opening the file to ask its version takes twenty milliseconds, and a scan asks for thirty
        frames.
        """
        seen = self.path.stat()
        return (seen.st_ino, seen.st_size, seen.st_mtime_ns)

    def version(self) -> int:
        """How many transactions were written; resident frames are stamped with it."""
        with self.reading() as connection:
            return scalar(connection, "SELECT version FROM store")

    def frame(
        self, sql: str, parameters: Mapping[str, object] | Sequence[object] | None = None
    ) -> pl.DataFrame:
        """Rows of a query as a polars frame; timestamps come back as UTC."""
        with self.reading() as connection:
            return frame_of(connection, sql, parameters)


def scalar(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object] = ()
) -> int:
    """The one whole number that a query gives; 0 when it gives no row.

    The rows are fetched to the end: DuckDB refuses other work on a connection before that.
    """
    rows = connection.execute(sql, list(parameters)).fetchall()
    return int(rows[0][0]) if rows else 0


def frame_of(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Mapping[str, object] | Sequence[object] | None = None,
) -> pl.DataFrame:
    """Rows of a query on an open connection; timestamps come back as UTC."""
    import polars as pl
    import polars.selectors as cs

    relation = connection.sql(sql, params=parameters) if parameters else connection.sql(sql)
    frame = pl.from_arrow(relation.to_arrow_table())
    assert isinstance(frame, pl.DataFrame)
    return frame.with_columns(
        cs.datetime(time_zone=None).dt.cast_time_unit("us").dt.replace_time_zone("UTC")
    )


def _is_held(words: str) -> bool:
    return "Conflicting lock" in words or "different configuration" in words


def _first_line(words: str) -> str:
    return words.strip().splitlines()[0] if words.strip() else words


@contextmanager
def _silent() -> Iterator[None]:
    try:
        yield
    except duckdb.Error:
        return

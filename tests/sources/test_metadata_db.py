"""A metadata database is only read; it tells more failures than those whose state says so."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.sources.metadata_tables import SCHEMAS, sqlite_file, statements
from workbench.domain.loading import Batch, Known
from workbench.errors import LabError, SourceError
from workbench.lab.own_server import own_server
from workbench.lab.programs import find_origin
from workbench.sources.metadata_db import read_metadata

FOUND = {
    ("flaky", 1): "task",
    ("flaky", 2): "task",
    ("slow", 1): "skipped-by-timeout",
    ("stuck", 1): "stuck",
    ("lost", 1): "heartbeat-lost",
    (None, None): "import-error",
}


def read(dsn: str | Path) -> Batch:
    """The one batch of a database."""
    (batch,) = read_metadata(dsn).read(Known())
    return batch


def kinds(batch: Batch) -> dict[tuple[Any, Any], str]:
    """Kind of each failure; of a lost try what its event says."""
    rows = sorted(batch.frames["failures"].to_dicts(), key=lambda row: row["kind"] != "task")
    return {(row["task_id"], row["try_number"]): row["kind"] for row in rows}


@pytest.mark.parametrize("version", ["2", "3"])
def test_a_file_of_either_version_is_read(tmp_path: Path, version: str) -> None:
    """Tries of now and of the history, and what a look for failed misses; not what is well."""
    batch = read(sqlite_file(tmp_path, version))
    assert kinds(batch) == FOUND
    assert set(batch.frames["failures"]["airflow_version"]) == {version}
    assert batch.frames["task_tries"].height == 8
    assert batch.frames["dag_runs"].height == 2
    assert batch.frames["task_events"].height == 2


def test_the_structure_is_read(tmp_path: Path) -> None:
    """Packed or plain, each task comes with what waits for it; what cannot be read is named."""
    batch = read(sqlite_file(tmp_path))
    rows = batch.frames["task_dependencies"].select("task_id", "downstream_task_id").rows()
    assert sorted(rows) == [("flaky", "load"), ("load", "")]
    assert ["bad" in r.reason for r in batch.rejections] == [True]


def test_no_secret_comes_out(tmp_path: Path) -> None:
    """The event log is redacted as everything else."""
    batch = read(sqlite_file(tmp_path))
    assert "abcdefgh12345678" not in str([frame.to_dicts() for frame in batch.frames.values()])


def test_the_file_is_not_written(tmp_path: Path) -> None:
    """Its bytes and its time stay, also when the folder cannot be written."""
    path = sqlite_file(tmp_path)
    before = path.read_bytes(), path.stat().st_mtime_ns
    read(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_another_database_is_refused(tmp_path: Path) -> None:
    """What is no metadata database is named with what is missing."""
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (text)")
    connection.close()
    with pytest.raises(SourceError, match="task_instance, dag_run is missing"):
        read(path)
    (tmp_path / "no.db").write_bytes(b"SQLite format 3\0" + b"junk" * 100)
    with pytest.raises(SourceError, match="cannot be read"):
        read(tmp_path / "no.db")


def test_odd_values_do_no_harm(tmp_path: Path) -> None:
    """Bytes that are no text, numbers beyond measure, times that are none: nulls or marks."""
    path = sqlite_file(tmp_path)
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO task_instance (task_id, dag_id, run_id, map_index, try_number, state, "
            "end_date) VALUES (CAST(x'ff00fe' AS TEXT), 'd', 'r', 99999999999, 'x', 'failed', 7)"
        )
    connection.close()
    rows = read(path).frames["failures"].filter(pl.col("try_number") == 0).to_dicts()
    assert [(row["map_index"], row["state"]) for row in rows] == [(-1, "failed")]


@pytest.fixture
def postgres() -> Iterator[str]:
    """A server of its own, from the wheel or the system, reached by a socket."""
    try:
        programs = find_origin("postgresql").bin_dir
    except LabError as error:
        pytest.skip(str(error))
    assert programs is not None
    with own_server(programs) as server:
        yield f"postgresql://lab@/postgres?host={server.folder / 'run'}"


@pytest.mark.postgres
def test_postgresql_is_read_and_cannot_be_written(postgres: str) -> None:
    """The same day gives the same failures; the session refuses to write."""
    import psycopg

    from workbench.sources.metadata_db.connections import open_postgres

    with psycopg.connect(postgres) as connection:
        for table, columns in SCHEMAS["3"].items():
            named = ", ".join(f"{name} {_type(name)}" for name in columns.split(", "))
            connection.execute(f"CREATE TABLE {table} ({named})")  # type: ignore[call-overload]
        connection.execute("CREATE SEQUENCE counted")
        for table, row in statements("3"):
            marks = ", ".join(["%s"] * len(row))
            sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"
            connection.execute(sql, list(row.values()))  # type: ignore[call-overload]
    assert kinds(read(postgres)) == FOUND
    writes = "SELECT nextval('counted')"
    with (
        closing(open_postgres(postgres)) as database,
        pytest.raises(SourceError, match="read-only"),
    ):
        list(database.ask(writes))


def _type(name: str) -> str:
    if name.endswith(("_date", "_dttm", "_at", "dttm", "timestamp", "last_updated")):
        return "timestamptz"
    if name in ("map_index", "try_number", "max_tries", "id"):
        return "integer"
    return "bytea" if name == "data_compressed" else "text"

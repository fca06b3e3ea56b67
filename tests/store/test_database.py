"""The DuckDB file: made, migrated, refused, rolled back, survived."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import polars as pl
import pytest

from workbench.domain.facts import DELTA_TABLES
from workbench.domain.frames import TABLES
from workbench.domain.standing import BIRTHS
from workbench.errors import StoreError
from workbench.store import writers
from workbench.store.database import Store, migrations

POLARS = {
    "UINTEGER": pl.UInt32,
    "UBIGINT": pl.UInt64,
    "UTINYINT": pl.UInt8,
    "INTEGER": pl.Int32,
    "BIGINT": pl.Int64,
    "DOUBLE": pl.Float64,
    "VARCHAR": pl.String,
    "BOOLEAN": pl.Boolean,
    "TIMESTAMP": pl.Datetime("us", "UTC"),
}


def test_every_declared_column_stands_in_the_schema_with_its_type(tmp_path: Path) -> None:
    """Frames and migrations say the same columns, types and order."""
    store = Store(tmp_path / "a.duckdb")
    extra = {"commits": ["repo_id"]}
    for name, table in {**TABLES, **DELTA_TABLES, BIRTHS.name: BIRTHS}.items():
        frame = (
            store.frame(f"SELECT * EXCLUDE ({', '.join(extra[name])}) FROM {name}")
            if (name in extra)
            else store.frame(f"SELECT * FROM {name}")
        )
        assert frame.columns == list(table.columns), name
        assert {c: t for c, t in frame.schema.items() if t != table.schema[c]} == {}, name


def test_a_file_that_is_no_database_is_named_with_what_to_do(tmp_path: Path) -> None:
    """Garbage is refused with its path, not overwritten."""
    path = tmp_path / "notes.duckdb"
    path.write_text("not a database, but long enough to have a header that is wrong" * 100)
    with pytest.raises(StoreError, match=r"notes\.duckdb.*no DuckDB file"):
        Store(path)
    assert path.read_text().startswith("not a database")


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    """A bench in a folder that is not there is the caller's mistake."""
    with pytest.raises(StoreError, match="does not exist"):
        Store(tmp_path / "nowhere" / "a.duckdb")


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """A store of a newer workbench is neither read nor changed."""
    path = tmp_path / "a.duckdb"
    Store(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE store SET schema_number = 999")
    with pytest.raises(StoreError, match=f"knows schemas up to {max(migrations())}"):
        Store(path)


def test_opening_twice_changes_nothing(tmp_path: Path) -> None:
    """Migrations run once; the version counts transactions."""
    store = Store(tmp_path / "a.duckdb")
    assert store.version() == 0
    with store.writing(doing="a test"):
        pass
    assert Store(tmp_path / "a.duckdb").version() == 1


def test_an_error_undoes_the_whole_transaction(tmp_path: Path) -> None:
    """What a failing write did before it failed is not there."""
    store = Store(tmp_path / "a.duckdb")

    def fails() -> None:
        with store.writing(doing="a test") as link:
            link.execute("INSERT INTO rejections VALUES ('a', 'b', 'c', 'd', 'e')")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fails()
    assert store.frame("SELECT count(*) AS n FROM rejections")["n"][0] == 0
    assert store.version() == 0


def test_kill_in_the_middle_of_a_write_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    """SIGKILL inside a transaction: the file opens, holds the last state, and takes writes."""
    path = tmp_path / "a.duckdb"
    store = Store(path)
    with store.writing(doing="before") as link:
        link.execute("INSERT INTO rejections VALUES ('a', 'b', 'c', 'd', 'kept')")
    code = f"""
        import os
        from pathlib import Path
        from workbench.store.database import Store
        with Store(Path({str(path)!r})).writing(doing="dying") as link:
            link.execute("INSERT INTO rejections SELECT 1, 2, 3, 4, range FROM range(200000)")
            os.kill(os.getpid(), 9)
    """
    died = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert died.returncode == -9
    assert store.frame("SELECT reason FROM rejections")["reason"].to_list() == ["kept"]
    with store.writing(doing="after") as link:
        link.execute("INSERT INTO rejections VALUES ('a', 'b', 'c', 'd', 'after')")
    assert store.frame("SELECT count(*) AS n FROM rejections")["n"][0] == 2


def test_a_second_writer_waits_and_says_for_whom(tmp_path: Path) -> None:
    """Two processes write in turn; the one that waits names the other; nothing is lost."""
    path = tmp_path / "a.duckdb"
    store = Store(path)
    code = f"""
        import time
        from pathlib import Path
        from workbench.store.database import Store
        with Store(Path({str(path)!r})).writing(doing="loading git airflow") as link:
            link.execute("INSERT INTO rejections VALUES ('a', 'b', 'c', 'd', 'first')")
            print("inside", flush=True)
            time.sleep(1.6)
    """
    first = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    with first:
        assert first.stdout.readline() == "inside\n"
        said: list[str] = []
        second = Store(path, say=said.append)
        with second.writing(doing="second") as link:
            link.execute("INSERT INTO rejections VALUES ('a', 'b', 'c', 'd', 'second')")
    assert any(f"process {first.pid}" in s and "loading git airflow" in s for s in said)
    assert store.frame("SELECT reason FROM rejections ORDER BY 1")["reason"].to_list() == [
        "first",
        "second",
    ]


def test_a_reader_inside_the_process_waits_for_the_writer_of_another_thread(
    tmp_path: Path,
) -> None:
    """Reading while another thread writes gives the state after it, never an error."""
    import threading

    store = Store(tmp_path / "a.duckdb")
    inside, seen = threading.Event(), []

    def write() -> None:
        with store.writing(doing="thread") as link:
            inside.set()
            writers.insert_rejections(link, [], kind="k", name="n")
            link.execute("INSERT INTO rejections VALUES ('a', 'b', 'c', 'd', 'e')")

    thread = threading.Thread(target=write)
    thread.start()
    inside.wait()
    seen.append(store.frame("SELECT count(*) AS n FROM rejections")["n"][0])
    thread.join()
    assert seen == [1]


def test_a_database_of_something_else_is_not_touched(tmp_path: Path) -> None:
    """Somebody's tables are named and left as they are; an empty database becomes a bench."""
    path = tmp_path / "sales.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE orders (n INTEGER)")
    with pytest.raises(StoreError, match="something else: it holds 'orders'"):
        Store(path)
    with duckdb.connect(str(path)) as connection:
        assert connection.execute("SHOW TABLES").fetchall() == [("orders",)]
    empty = tmp_path / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    assert Store(empty).version() == 0
    (tmp_path / "x.json").write_text('{"a": 1}')
    with pytest.raises(StoreError, match=r"x\.json"):
        Store(tmp_path / "x.json")


def test_a_write_gives_the_file_another_mark(tmp_path: Path) -> None:
    """Reading leaves the mark as it is; what was written, by anybody, shows."""
    store = Store(tmp_path / "a.duckdb")
    before = store.mark()
    assert store.frame("SELECT 1 AS one")["one"].to_list() == [1]
    assert store.mark() == before
    with Store(tmp_path / "a.duckdb").writing(doing="nothing much"):
        pass
    assert store.mark() != before

"""Records of failed tries for store tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from workbench.domain.failures import FAILURES
from workbench.domain.try_names import try_key
from workbench.store import failure_rows
from workbench.store.database import Store, frame_of
from workbench.store.failure_rows import Written

AT = datetime(2026, 3, 2, 4, 5, tzinfo=UTC)


def record(source: str = "log", *, after: float = 0, **more: Any) -> dict[str, Any]:
    """What a source says of the first try of d.t in r, some seconds after a moment."""
    names = {"dag_id": "d", "run_id": "r", "task_id": "t", "map_index": -1, "try_number": 1}
    names |= {k: v for k, v in more.items() if k in names}
    key = try_key(site=None, major="3", **names)
    row: dict[str, Any] = {
        "failure_id": key,
        "try_key": key,
        **names,
        "at_utc": AT + timedelta(seconds=after),
        "source": source,
        "sources": source,
        "sightings": 1,
        "kind": "task",
        "loaded_from": f"/{source}",
        "origin_path": f"{source}.txt",
        "origin_line": 1,
    }
    return row | more


def given(text: str, **more: Any) -> dict[str, Any]:
    """A gathered text with an id of its own."""
    return record("given", **{"failure_id": "a", "try_key": None, "text": text} | more)


def write(path: Path, *rows: dict[str, Any]) -> Written:
    """Write records as one load does."""
    with Store(path / "a.duckdb").writing(doing="a test") as connection:
        failure_rows.begin(connection)
        done = failure_rows.write_failures(connection, FAILURES.frame(list(rows)))
        failure_rows.finish(connection)
    return done


def failures(path: Path, table: str = "failures") -> list[dict[str, Any]]:
    """The rows of a table."""
    with Store(path / "a.duckdb").reading() as connection:
        frame: pl.DataFrame = frame_of(connection, f"SELECT * FROM {table}")
    return frame.sort("failure_id", "at_utc", "source").to_dicts()

"""Runs one query over a history's frames in a locked in-memory DuckDB.

A query may come from a stranger. The database holds nothing but the views that the query names,
as Arrow frames; files, network, settings and extensions are locked away; a timer interrupts it; a
limit on the process's address space ends what the engine's own memory limit does not count.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from workbench.analysis.engines import MADE, SOURCES, VIEWS, Engine, View, engine_of, view_sql
from workbench.analysis.query_limits import Limits, bounded, interrupted_after
from workbench.analysis.query_rules import CLOCKS, LONGEST_QUERY_BYTES, views_named
from workbench.domain.histories import HISTORY_TABLES
from workbench.domain.standing import HOT_PATHS, HOT_VIEW
from workbench.errors import DetectorError, Place

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "VIEWS",
    "VIEWS_VERSION",
    "Limits",
    "View",
    "changing_functions",
    "query_columns",
    "run_query",
    "view_sql",
]

VIEWS_VERSION = 2

# One query at a time: the address-space limit belongs to the process.
_TURN = threading.Lock()


def run_query(
    sql: str,
    history: Mapping[str, pl.DataFrame],
    *,
    extra: Mapping[str, View] | None = None,
    limits: Limits | None = None,
    path: str = "query",
) -> pl.DataFrame:
    """Run one SELECT over documented views and return its rows.

    Parameters
    ----------
    sql : str
        One SELECT or WITH statement.
    history : mapping
        Frames by the names in :data:`workbench.domain.histories.HISTORY_TABLES`; only those that
        the named views need are looked at.
    extra : mapping, optional
        More views, by name; a callable is asked when a query names its view.
    limits : Limits, optional
        Time, memory and size.
    path : str
        Where the query stands, for errors.

    Raises
    ------
    DetectorError
        The query is refused, fails, or goes over a limit.
    """
    limits, extra = limits or Limits(), extra or {}
    if len(sql.encode()) > LONGEST_QUERY_BYTES:
        raise DetectorError(
            f"The query has more than {LONGEST_QUERY_BYTES} bytes.", where=Place(path=path)
        )
    offered = frozenset({*SOURCES, *MADE, *extra})
    with _TURN, _errors(path, limits), engine_of(history, limits) as engine:
        named = _named_views(sql, offered, path=path)
        engine.offer(named, history=history, extra=extra)
        with interrupted_after(engine.con, limits.seconds), bounded(limits.address_space_bytes):
            return _fetch(engine.con, sql, limits=limits, path=path)


def query_columns(sql: str, *, path: str = "query") -> tuple[str, ...]:
    """Name the columns of a query over the views without running it, or raise as it would."""
    with _TURN, _errors(path, Limits()):
        _named_views(sql, frozenset(VIEWS), path=path)
        con = _empty_views()
        return tuple(name for name, *_ in con.execute(f"DESCRIBE {sql}").fetchall())


@lru_cache(maxsize=1024)
def _named_views(sql: str, offered: frozenset[str], *, path: str) -> tuple[str, ...]:
    """Name the views that a query reads, or refuse it: what a text says never changes."""
    tree = _parsed(_desk().con, sql)
    changing = changing_functions()
    return tuple(views_named(tree, sql, views=offered, changing=changing, path=path))


@lru_cache(maxsize=1)
def _desk() -> Engine:
    """An engine without rows, kept open: opening one takes longer than asking it."""
    return Engine(Limits())


@lru_cache(maxsize=1)
def _empty_views() -> duckdb.DuckDBPyConnection:
    """Every view without rows."""
    engine = _desk()
    frames = {name: rows.empty() for name, rows in HISTORY_TABLES.items()}
    empty = {table.name: table.empty() for table in (HOT_PATHS, HOT_VIEW)}
    engine.offer(VIEWS, history=frames, extra=empty)
    return engine.con


def _parsed(con: duckdb.DuckDBPyConnection, sql: str) -> dict[str, object]:
    """The query as a tree; ``error`` in it when it does not parse or is no SELECT."""
    call = "SELECT json_serialize_sql(?, skip_null := true, skip_empty := true)"
    tree: dict[str, object] = json.loads(con.execute(call, [sql]).fetchall()[0][0])
    return tree


@lru_cache(maxsize=1)
def changing_functions() -> frozenset[str]:
    """Functions of this engine that read a clock, chance, a setting or a counter.

    The engine's own catalogue says which; a macro that is written with one of them is one too.
    """
    functions = (
        _desk()
        .con.execute(
            "SELECT DISTINCT lower(function_name), stability, lower(macro_definition)"
            " FROM duckdb_functions()"
        )
        .fetchall()
    )
    harmless = {"error", "stats", "vector_type"}
    changing = {n for n, stability, _ in functions if stability not in (None, "CONSISTENT")}
    changing = (changing - harmless) | CLOCKS
    macros = {(n, frozenset(re.findall(r"\w+", text))) for n, _, text in functions if text}
    while more := {n for n, words in macros if words & changing} - changing - harmless:
        changing |= more
    return frozenset(changing)


def _fetch(con: duckdb.DuckDBPyConnection, sql: str, *, limits: Limits, path: str) -> pl.DataFrame:
    """Rows of the query, chunk by chunk, so that a limit ends it before memory does."""
    import duckdb
    import pyarrow as pa

    try:
        relation = con.sql(sql)
    except duckdb.Error:
        con.execute(f"EXPLAIN {sql}").fetchall()  # the same error again, now with its line
        raise
    reader = relation.to_arrow_reader(50_000)
    batches, rows, size = [], 0, 0
    for batch in reader:
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows > limits.rows or size > limits.result_bytes:
            raise DetectorError(
                f"The query returns more than {limits.rows} rows"
                f" or {limits.result_bytes >> 20} MiB.",
                where=Place(path=path),
                right="A detector returns hits, not tables: filter inside the query.",
            )
        batches.append(batch)
    frame = pl.from_arrow(pa.Table.from_batches(batches, schema=reader.schema))
    return frame if isinstance(frame, pl.DataFrame) else frame.to_frame()


@contextlib.contextmanager
def _errors(path: str, limits: Limits) -> Iterator[None]:
    """Every failure of the engine as a :class:`DetectorError` with its line."""
    import duckdb

    try:
        yield
    except (duckdb.Error, OSError, MemoryError, RuntimeError) as fault:
        raise _named(fault, path=path, limits=limits) from None


def _named(fault: Exception, *, path: str, limits: Limits) -> DetectorError:
    text = str(fault)
    line = re.search(r"LINE (\d+):", text)
    where = Place(path=path, at=f"line {line.group(1)}" if line else "")
    if "Interrupted" in text:
        right = "Filter before joining, and join on change_id."
        return DetectorError(f"The query ran over {limits.seconds:g} s.", where=where, right=right)
    if isinstance(fault, MemoryError) or "Out of Memory" in text or "Allocation" in text:
        return DetectorError("The query needs more memory than it may use.", where=where)
    first = text.split("\n\nLINE", maxsplit=1)[0].replace("\n", " ").strip()
    return DetectorError(f"The query fails: {first}", where=where)

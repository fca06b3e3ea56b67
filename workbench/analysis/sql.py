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
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING

import polars as pl

from workbench.analysis.births import births
from workbench.analysis.placed_rows import placed
from workbench.analysis.query_limits import Limits, bounded, interrupted_after
from workbench.analysis.query_rules import CLOCKS, LONGEST_QUERY_BYTES, views_named
from workbench.analysis.standing_views import indexes_as_of, side_view
from workbench.domain.facts import DELTA_TABLES
from workbench.domain.histories import HISTORY_TABLES, History
from workbench.domain.standing import HOT_PATHS, HOT_VIEW, SIDE_TABLES
from workbench.errors import DetectorError, Place

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

VIEWS_VERSION = 2

_SOURCES: dict[str, str] = {
    "commits": "commits",
    "file_changes": "file_changes",
    "hunks": "hunks",
    "lines": "hunks",
    **{name: name for name in DELTA_TABLES},
}
_MADE: dict[str, Callable[[Mapping[str, pl.DataFrame]], pl.DataFrame]] = {
    "births": births,
    "indexes_as_of": indexes_as_of,
    **{name: partial(side_view, name=name) for name in SIDE_TABLES},
}
VIEWS: tuple[str, ...] = (*_SOURCES, *_MADE, HOT_PATHS.name, HOT_VIEW.name)
"""Names a detector may select from: the public contract of :data:`VIEWS_VERSION`."""

View = pl.DataFrame | Callable[[], pl.DataFrame]

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
    offered = {*_SOURCES, *_MADE, *extra}
    with _TURN, _errors(path, limits), _engine(history, limits) as engine:
        tree = _parsed(engine.con, sql)
        named = views_named(tree, sql, views=offered, changing=changing_functions(), path=path)
        engine.offer(named, history=history, extra=extra)
        with interrupted_after(engine.con, limits.seconds), bounded(limits.address_space_bytes):
            return _fetch(engine.con, sql, limits=limits, path=path)


def query_columns(sql: str, *, path: str = "query") -> tuple[str, ...]:
    """Name the columns of a query over the views without running it, or raise as it would."""
    with _TURN, _errors(path, Limits()):
        con = _empty_views()
        views_named(_parsed(con, sql), sql, views=VIEWS, changing=changing_functions(), path=path)
        return tuple(name for name, *_ in con.execute(f"DESCRIBE {sql}").fetchall())


@lru_cache(maxsize=1)
def _empty_views() -> duckdb.DuckDBPyConnection:
    """Every view without rows, kept open: opening an engine takes longer than asking it."""
    engine = Engine(Limits())
    frames = {name: rows.empty() for name, rows in HISTORY_TABLES.items()}
    empty = {table.name: table.empty() for table in (HOT_PATHS, HOT_VIEW)}
    engine.offer(VIEWS, history=frames, extra=empty)
    return engine.con


def _connect(limits: Limits) -> duckdb.DuckDBPyConnection:
    import duckdb

    con = duckdb.connect(":memory:", config={"threads": limits.threads})
    # In this order: once external access is off, no setting that names a folder may change.
    for name, value in (
        ("memory_limit", f"{limits.memory_bytes // 1024}KiB"),
        ("temp_directory", ""),
        ("python_enable_replacements", "false"),
        ("autoinstall_known_extensions", "false"),
        ("autoload_known_extensions", "false"),
        ("allow_community_extensions", "false"),
        ("arrow_large_buffer_size", "true"),
        ("enable_progress_bar", "false"),
        ("enable_external_access", "false"),
        ("lock_configuration", "true"),
    ):
        con.execute(f"SET {name} = '{value}'")
    return con


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
    with contextlib.closing(_connect(Limits())) as con:
        functions = con.execute(
            "SELECT DISTINCT lower(function_name), stability, lower(macro_definition)"
            " FROM duckdb_functions()"
        ).fetchall()
    harmless = {"error", "stats", "vector_type"}
    changing = {n for n, stability, _ in functions if stability not in (None, "CONSISTENT")}
    changing = (changing - harmless) | CLOCKS
    macros = {(n, frozenset(re.findall(r"\w+", text))) for n, _, text in functions if text}
    while more := {n for n, words in macros if words & changing} - changing - harmless:
        changing |= more
    return frozenset(changing)


class Engine:
    """A locked engine and the views that it offers so far."""

    def __init__(self, limits: Limits) -> None:
        self.con = _connect(limits)
        self._there: dict[str, pl.DataFrame | None] = {}

    def offer(
        self,
        named: Sequence[str],
        *,
        history: Mapping[str, pl.DataFrame],
        extra: Mapping[str, View],
    ) -> None:
        """Offer the named views, besides those that were offered before."""
        for source in sorted({_SOURCES[view] for view in named if view in _SOURCES}):
            self._register(f"raw_{source}", placed(history, source))
        for view in named:
            if view in extra:
                given = extra[view]
                self._register(view, given() if callable(given) else given)
            elif view in _MADE:
                self._register(view, _derived(history, view))
            elif view not in self._there:
                self.con.execute(f"CREATE VIEW {view} AS {view_sql(view)}")
                self._there[view] = None

    def _register(self, name: str, frame: pl.DataFrame) -> None:
        if self._there.get(name) is not frame:
            self.con.register(name, _arrow(frame))
            self._there[name] = frame


@contextlib.contextmanager
def _engine(history: Mapping[str, pl.DataFrame], limits: Limits) -> Iterator[Engine]:
    """An engine of the history's own, kept until a query fails; else one for this query alone.

    Opening one takes longer than most queries, and a failed query may leave it out of memory.
    """
    if not isinstance(history, History):
        engine = Engine(limits)
        with contextlib.closing(engine.con):
            yield engine
        return
    kept: dict[Limits, Engine] = history.derived("engines", dict)
    engine = kept.pop(limits) if limits in kept else Engine(limits)
    try:
        yield engine
    except BaseException:
        engine.con.close()
        raise
    kept[limits] = engine


def _derived(history: Mapping[str, pl.DataFrame], view: str) -> pl.DataFrame:
    """A frame that follows from the others; a history keeps it."""
    if isinstance(history, History):
        return history.derived(view, lambda: _MADE[view](history))
    return _MADE[view](history)


@lru_cache
def view_sql(view: str) -> str:
    """The SELECT behind a view."""
    folder = files("workbench.analysis") / "views"
    if view in DELTA_TABLES:
        text = (folder / "deltas.sql").read_text(encoding="utf-8")
        return text.replace("raw_deltas", f"raw_{view}")
    return (folder / f"{view}.sql").read_text(encoding="utf-8")


def _arrow(frame: pl.DataFrame) -> pa.Table:
    # The engine has no time zones without an extension: times go in as UTC without a zone.
    zoned = [n for n, t in frame.schema.items() if isinstance(t, pl.Datetime) and t.time_zone]
    bare = frame.with_columns(pl.col(zoned).dt.replace_time_zone(None)) if zoned else frame
    return bare.to_arrow(compat_level=pl.CompatLevel.newest())


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

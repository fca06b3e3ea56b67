"""The locked in-memory DuckDB that queries run in, and the views that it offers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING

import polars as pl

from workbench.analysis.births import births_of
from workbench.analysis.placed_rows import placed
from workbench.analysis.query_limits import Limits
from workbench.analysis.standing_views import (
    columns_as_of,
    indexes_as_of,
    relationships_as_of,
    side_view,
)
from workbench.domain.facts import DELTA_TABLES
from workbench.domain.histories import History
from workbench.domain.standing import HOT_PATHS, HOT_VIEW, SIDE_TABLES

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

SOURCES: dict[str, str] = {
    "commits": "commits",
    "file_changes": "file_changes",
    "hunks": "hunks",
    "lines": "hunks",
    **{name: name for name in DELTA_TABLES},
}
MADE: dict[str, Callable[[Mapping[str, pl.DataFrame]], pl.DataFrame]] = {
    "births": births_of,
    "columns_as_of": columns_as_of,
    "indexes_as_of": indexes_as_of,
    "relationships_as_of": relationships_as_of,
    **{name: partial(side_view, name=name) for name in SIDE_TABLES},
}
VIEWS: tuple[str, ...] = (*SOURCES, *MADE, HOT_PATHS.name, HOT_VIEW.name)
"""Names a detector may select from: a public contract with a version."""

View = pl.DataFrame | Callable[[], pl.DataFrame]


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
        for source in sorted({SOURCES[view] for view in named if view in SOURCES}):
            self._register(f"raw_{source}", placed(history, source))
        for view in named:
            if view in extra:
                given = extra[view]
                self._register(view, given() if callable(given) else given)
            elif view in MADE:
                self._register(view, _derived(history, view))
            elif view not in self._there:
                self.con.execute(f"CREATE VIEW {view} AS {view_sql(view)}")
                self._there[view] = None

    def _register(self, name: str, frame: pl.DataFrame) -> None:
        if self._there.get(name) is not frame:
            self.con.register(name, _arrow(frame))
            self._there[name] = frame


@contextlib.contextmanager
def engine_of(history: Mapping[str, pl.DataFrame], limits: Limits) -> Iterator[Engine]:
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
        return history.derived(view, lambda: MADE[view](history))
    return MADE[view](history)


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

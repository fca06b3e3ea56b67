"""Failed tries into the store: each try once, whatever number of records tell of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
import polars as pl

from workbench.domain.failures import FAILURE_TABLES, FAILURES
from workbench.domain.history import Rejection
from workbench.domain.sightings import IDENTITY, joined, named
from workbench.store.database import frame_of, scalar
from workbench.store.writers import insert

Connection = duckdb.DuckDBPyConnection
RECORDS = (
    "(SELECT * FROM failure_sightings UNION ALL BY NAME SELECT * FROM failures WHERE sightings = 1)"
)
KEY = ["case_id", "failure_id"]
RECORD = (*IDENTITY, "origin_line")
"""What makes a record the same record, read again."""
SNAPSHOTS = ("rest", "database")
"""Sources that tell of the whole installation: what they no longer hold was not undone."""


@dataclass(slots=True)
class Written:
    """What became of records: failures new or changed, records as before, records joined."""

    loaded: int = 0
    unchanged: int = 0
    joined: int = 0
    rejections: list[Rejection] = field(default_factory=list)


def begin(connection: Connection) -> None:
    """Get ready to note which records a load has seen."""
    connection.execute("CREATE OR REPLACE TEMP TABLE seen AS SELECT * FROM failures LIMIT 0")
    for column in FAILURES.columns:
        if column not in RECORD:
            connection.execute(f"ALTER TABLE seen DROP COLUMN {column}")


def write_failures(connection: Connection, records: pl.DataFrame) -> Written:
    """Join records of failed tries to what is known of these tries.

    A record that the same file gave before takes its place; one that is as it was changes nothing;
    a given id that another file gave with other content is refused.
    """
    done = Written()
    records = FAILURES.check(records)
    if records.is_empty():
        return done
    known = _known(connection, records)
    records = _once(named(records, known), done)
    insert(connection, "seen", records.select(RECORD))
    records, same = _changed(records, known)
    done.unchanged += same
    if records.is_empty():
        return done
    kept = known.join(records, on=list(RECORD), how="anti", nulls_equal=True)
    # a given id is one row of its file, whatever line it moved to
    plain = records.filter(pl.col("try_key").is_null())
    kept = kept.join(plain, on=list(IDENTITY), how="anti", nulls_equal=True)
    records = _told_twice(records, kept, done)
    if records.is_empty():
        return done
    touched = records.select(KEY).unique()
    before = known.join(touched, on=KEY, how="semi", nulls_equal=True)
    every = pl.concat([kept.join(touched, on=KEY, how="semi", nulls_equal=True), records])
    if not before.is_empty():
        _delete(connection, touched)
    done.loaded += touched.height
    done.joined += max(0, _surplus(every) - _surplus(before))
    _insert(connection, every)
    return done


def finish(connection: Connection) -> int:
    """Forget what the files that were read tell no more, and stuck tasks that moved on.

    Returns
    -------
    int
        Records forgotten.
    """
    same = " AND ".join(f"s.{c} IS NOT DISTINCT FROM r.{c}" for c in RECORD)
    origin = "s.case_id IS NOT DISTINCT FROM r.case_id AND s.loaded_from = r.loaded_from"
    file = f"({origin} AND s.origin_path = r.origin_path)"
    # rows from before sources were told apart
    older = (
        "(r.loaded_from IS NULL AND s.origin_path = r.origin_path "
        "AND r.case_id IS NOT DISTINCT FROM s.case_id)"
    )
    snapshots = ", ".join(f"'{name}'" for name in SNAPSHOTS)
    gone = _typed(
        frame_of(
            connection,
            f"SELECT DISTINCT r.case_id, r.failure_id, r.source, r.loaded_from, r.origin_path, "
            "r.origin_line "
            f"FROM {RECORDS} AS r WHERE NOT EXISTS (SELECT 1 FROM seen AS s WHERE {same}) AND ("
            f"(coalesce(r.source, '') NOT IN ({snapshots}) AND EXISTS "
            f"(SELECT 1 FROM seen AS s WHERE {file} OR {older})) OR "
            f"(r.kind = 'stuck' AND EXISTS (SELECT 1 FROM seen AS s WHERE {origin})))",
        )
    )
    if gone.is_empty():
        return 0
    touched = gone.select(KEY).unique()
    every = _records(connection, touched, on=("case_id", "failure_id"))
    _delete(connection, touched)
    _insert(connection, every.join(gone, on=list(RECORD), how="anti", nulls_equal=True))
    return gone.height


def upsert(connection: Connection, name: str, frame: pl.DataFrame) -> int:
    """Write rows of another failure table; a row with the same key gives way.

    Returns
    -------
    int
        Rows that were not there before.
    """
    table = FAILURE_TABLES[name]
    rows = table.check(frame).unique(list(table.key), keep="last", maintain_order=True)
    if rows.is_empty():
        return 0
    before = scalar(connection, f"SELECT count(*) FROM {name}")
    same = " AND ".join(f"t.{c} IS NOT DISTINCT FROM k.{c}" for c in table.key)
    connection.register("keys", rows.select(table.key).to_arrow())
    try:
        connection.execute(f"DELETE FROM {name} AS t USING keys AS k WHERE {same}")
    finally:
        connection.unregister("keys")
    insert(connection, name, rows)
    return scalar(connection, f"SELECT count(*) FROM {name}") - before


def _known(connection: Connection, records: pl.DataFrame) -> pl.DataFrame:
    """Every record of the tries, and of the ids, that new records tell of."""
    keyed = records.filter(pl.col("try_key").is_not_null()).select("case_id", "try_key").unique()
    plain = records.filter(pl.col("try_key").is_null()).select("case_id", "failure_id").unique()
    return pl.concat(
        [
            _records(connection, keyed, on=("case_id", "try_key")),
            _records(connection, plain, on=("case_id", "failure_id")),
        ]
    )


def _records(connection: Connection, keys: pl.DataFrame, *, on: Sequence[str]) -> pl.DataFrame:
    if keys.is_empty():
        return FAILURES.empty()
    connection.register("asked", keys.to_arrow())
    same = " AND ".join(f"r.{c} IS NOT DISTINCT FROM a.{c}" for c in on)
    sql = f"SELECT r.* FROM {RECORDS} AS r SEMI JOIN asked AS a ON {same}"
    try:
        found = frame_of(connection, sql)
    finally:
        connection.unregister("asked")
    return FAILURES.check(_typed(found))


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.cast({c: FAILURES.schema[c] for c in frame.columns})


def _once(records: pl.DataFrame, done: Written) -> pl.DataFrame:
    """Drop a record that stands in the batch twice with the same words."""
    once = records.unique(maintain_order=True)
    done.unchanged += records.height - once.height
    return once


def _content(frame: pl.DataFrame) -> list[str]:
    return [c for c in frame.columns if c not in ("sightings", "sources")]


def _changed(records: pl.DataFrame, known: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Those records that are not there just so."""
    if known.is_empty():
        return records, 0
    fresh = records.join(
        known, on=_content(records), how="anti", nulls_equal=True, maintain_order="left"
    )
    return fresh, records.height - fresh.height


def _surplus(records: pl.DataFrame) -> int:
    return records.height - records.select(KEY).n_unique()


def _told_twice(records: pl.DataFrame, kept: pl.DataFrame, done: Written) -> pl.DataFrame:
    """Refuse a given id with other content; count a copy of a record as there already."""
    words = [c for c in _content(records) if c not in ("loaded_from", "origin_path", "origin_line")]
    if not kept.is_empty():
        fresh = records.join(kept, on=words, how="anti", nulls_equal=True, maintain_order="left")
        done.unchanged += records.height - fresh.height
        records = fresh
    plain = pl.col("try_key").is_null()
    first = pl.concat([kept.filter(plain), records.filter(plain)]).unique(
        ["case_id", "failure_id"], keep="first", maintain_order=True
    )
    place = pl.struct("loaded_from", "origin_path", "origin_line")
    clashes = (
        records.filter(plain)
        .join(
            first.select(
                "case_id",
                "failure_id",
                place.alias("first"),
                pl.col("origin_path").alias("other"),
            ),
            on=["case_id", "failure_id"],
            nulls_equal=True,
        )
        .filter(place != pl.col("first"))
    )
    for path, line, other in clashes.select("origin_path", "origin_line", "other").iter_rows():
        reason = f"another file gave it with other content: {other}"
        done.rejections.append(Rejection(path=path, at=f"line {line}", reason=reason))
    return records.join(
        clashes.select(RECORD),
        on=list(RECORD),
        how="anti",
        nulls_equal=True,
        maintain_order="left",
    )


def _delete(connection: Connection, touched: pl.DataFrame) -> None:
    connection.register("touched", touched.to_arrow())
    same = "t.case_id IS NOT DISTINCT FROM k.case_id AND t.failure_id = k.failure_id"
    try:
        for table in ("failures", "failure_sightings"):
            connection.execute(f"DELETE FROM {table} AS t USING touched AS k WHERE {same}")
    finally:
        connection.unregister("touched")


def _insert(connection: Connection, records: pl.DataFrame) -> None:
    """Write failures, and their records where there are several."""
    several = pl.len().over(KEY) > 1
    marked = records.with_columns(several.alias("several"))
    alone = marked.filter(~pl.col("several")).drop("several")
    told = marked.filter(pl.col("several")).drop("several")
    single = alone.with_columns(
        pl.lit(1, pl.UInt32).alias("sightings"), pl.col("source").alias("sources")
    )
    insert(connection, "failures", single)
    if not told.is_empty():
        insert(connection, "failures", joined(told))
        insert(connection, "failure_sightings", told)

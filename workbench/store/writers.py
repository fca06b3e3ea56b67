"""Rows into tables: a batch of a history, its facts and deltas, a downstream, rejections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb
import polars as pl
import polars.selectors as cs

from workbench.domain.facts import DELTA_TABLES
from workbench.domain.frames import COMMITS, FILE_CHANGES, HUNKS, TABLES
from workbench.domain.history import Rejection
from workbench.domain.loading import Batch
from workbench.store.database import scalar

Connection = duckdb.DuckDBPyConnection
HISTORY = (COMMITS.name, FILE_CHANGES.name, HUNKS.name)
FACT_TABLES = tuple(name for name in TABLES if name.startswith("fact_"))
DOWNSTREAM_TABLES = ("downstreams", "downstream_imports", "call_sites")


def insert(connection: Connection, table: str, frame: pl.DataFrame) -> int:
    """Append rows as they are; column order does not matter.

    Returns
    -------
    int
        Rows written.
    """
    if frame.is_empty():
        return 0
    naive = frame.with_columns(cs.datetime(time_zone="*").dt.replace_time_zone(None))
    connection.register("incoming", naive.to_arrow())
    try:
        connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
    finally:
        connection.unregister("incoming")
    return frame.height


def renumber(connection: Connection, positions: pl.DataFrame, *, repo_id: int) -> None:
    """Give commits their places on a line that has grown at its root; ``sha, position``."""
    connection.register("places", positions.to_arrow())
    try:
        connection.execute(
            "UPDATE commits SET position = places.position FROM places WHERE commits.sha = "
            f"places.sha AND repo_id = {int(repo_id)} AND commits.position <> places.position"
        )
    finally:
        connection.unregister("places")


def forget_rejections(connection: Connection, *, kind: str, name: str) -> None:
    """Forget what a source refused, because it is read anew."""
    connection.execute("DELETE FROM rejections WHERE kind = ? AND name = ?", [kind, name])


def insert_history(connection: Connection, batch: Batch, *, repo_id: int) -> int:
    """Append commits, file changes and hunks of one repository, shifting their surrogate ids.

    Returns
    -------
    int
        Commits written.
    """
    first_commit = _next_id(connection, "commits", "commit_id")
    first_change = _next_id(connection, "file_changes", "change_id")
    if not batch.frames:  # it only says what was refused
        return 0
    commits, changes, hunks = (TABLES[n].check(batch.frames[n]) for n in HISTORY)
    by_commit = (pl.col("commit_id") + first_commit).cast(pl.UInt32)
    by_change = (pl.col("change_id") + first_change).cast(pl.UInt32)
    repo = pl.lit(repo_id, pl.Int32).alias("repo_id")
    insert(connection, "commits", commits.with_columns(by_commit, repo))
    insert(connection, "file_changes", changes.with_columns(by_commit, by_change))
    insert(connection, "hunks", hunks.with_columns(by_change))
    return commits.height


def repository(
    connection: Connection, *, kind: str, name: str, location: str, branch: str | None, scope: str
) -> int:
    """File a repository under its name, or note where it stands now; gives its id."""
    there = "SELECT coalesce(max(repo_id), -1) FROM repositories WHERE name = ?"
    if (known := scalar(connection, there, [name])) >= 0:
        sql = "UPDATE repositories SET location = ? WHERE repo_id = ?"
        connection.execute(sql, [location, known])
        return known
    repo_id = _next_id(connection, "repositories", "repo_id")
    values = [repo_id, kind, name, location, branch, scope]
    connection.execute("INSERT INTO repositories VALUES (?, ?, ?, ?, ?, ?)", values)
    return repo_id


def delete_facts(connection: Connection) -> None:
    """Forget every fact and delta, so that another extractor can read anew."""
    derived = [n for n in (*TABLES, *DELTA_TABLES) if n.startswith(("fact_", "change_"))]
    standing = ("base_trees", "base_segments", "segment_spans", "kept", "hot_commits")
    for table in (*derived, *DELTA_TABLES, *standing, "hot_functions", "segments", "derived"):
        connection.execute(f"DELETE FROM {table}")


def insert_deltas(
    connection: Connection,
    frames: Mapping[str, pl.DataFrame],
    *,
    commit_ids: pl.Series,
    deltas: int,
) -> int:
    """Put the deltas of some commits in the place of older ones.

    Returns
    -------
    int
        Delta rows written.
    """
    connection.register("these", commit_ids.cast(pl.UInt32).to_frame("commit_id").to_arrow())
    changes = "(SELECT change_id FROM file_changes SEMI JOIN these USING (commit_id))"
    try:
        for table in DELTA_TABLES:
            connection.execute(f"DELETE FROM {table} WHERE change_id IN {changes}")
        connection.execute("DELETE FROM derived WHERE commit_id IN (SELECT commit_id FROM these)")
        connection.execute(f"INSERT INTO derived SELECT commit_id, {int(deltas)} FROM these")
    finally:
        connection.unregister("these")
    return sum(insert(connection, name, DELTA_TABLES[name].check(frames[name])) for name in frames)


def insert_facts(connection: Connection, batch: Batch) -> int:
    """Append what a shard of changes gave: changes and segments that are there stay as they are.

    Returns
    -------
    int
        Changes in the batch, written now or there already.
    """
    segments = TABLES["segments"].check(batch.frames["segments"])
    known = _present(connection, "segments", segments["segment_id"])
    fresh = segments.filter(~pl.col("segment_id").is_in(known.implode()))
    insert(connection, "segments", fresh)
    ids = fresh["segment_id"].implode()
    for name in FACT_TABLES:
        facts = TABLES[name].check(batch.frames[name])
        insert(connection, name, facts.filter(pl.col("segment_id").is_in(ids)))
    changes = TABLES["change_facts"].check(batch.frames["change_facts"])
    # another process may have read the same changes meanwhile
    done = _present(connection, "change_facts", changes["change_id"]).implode()
    for name in ("change_segments", "change_facts"):
        rows = TABLES[name].check(batch.frames[name])
        insert(connection, name, rows.filter(~pl.col("change_id").is_in(done)))
    return changes.height


def _present(connection: Connection, table: str, ids: pl.Series) -> pl.Series:
    """Those of the ids that stand in the table's column of the same name."""
    if ids.is_empty():
        return ids
    connection.register("asked", ids.to_frame().to_arrow())
    try:
        sql = f"SELECT DISTINCT {ids.name} FROM {table} SEMI JOIN asked USING ({ids.name})"
        found = pl.from_arrow(connection.sql(sql).to_arrow_table())
    finally:
        connection.unregister("asked")
    assert isinstance(found, pl.DataFrame)
    return found[ids.name].cast(ids.dtype)


def replace_downstream(
    connection: Connection, frames: Mapping[str, pl.DataFrame], *, name: str
) -> tuple[int, int]:
    """Put a downstream as it is now in the place of what was loaded of it.

    Returns
    -------
    tuple of int
        Imports that are new, imports that were there already.
    """
    table = "downstream_imports"
    columns = ", ".join(TABLES[table].columns)
    connection.execute(
        f"CREATE TEMP TABLE was AS SELECT {columns} FROM {table} WHERE downstream = ?", [name]
    )
    for each in DOWNSTREAM_TABLES:
        connection.execute(f"DELETE FROM {each} WHERE downstream = ?", [name])
        insert(connection, each, TABLES[each].check(frames[each]))
    same = scalar(
        connection,
        f"SELECT count(*) FROM (SELECT {columns} FROM {table} WHERE downstream = ? "
        f"INTERSECT ALL SELECT {columns} FROM was)",
        [name],
    )
    connection.execute("DROP TABLE was")
    return frames[table].height - same, same


def insert_rejections(
    connection: Connection, rejections: Iterable[Rejection], *, kind: str, name: str
) -> int:
    """Keep what could not be loaded; one that is kept already is not kept twice.

    Returns
    -------
    int
        Rejections given, kept before or not.
    """
    rows = [
        {"kind": kind, "name": name, "path": r.path, "at": r.at, "reason": r.reason}
        for r in rejections
    ]
    if not rows:
        return 0
    connection.register("incoming", pl.DataFrame(rows).unique(maintain_order=True).to_arrow())
    try:
        connection.execute(
            "INSERT INTO rejections BY NAME SELECT * FROM incoming EXCEPT SELECT * FROM rejections"
        )
    finally:
        connection.unregister("incoming")
    return len(rows)


def delete_commits(connection: Connection, commit_ids: pl.Series) -> int:
    """Forget commits that left their branch, with all that hangs on them.

    Returns
    -------
    int
        Commits forgotten.
    """
    if commit_ids.is_empty():
        return 0
    connection.register("gone", commit_ids.to_frame("commit_id").to_arrow())
    changes = "(SELECT change_id FROM file_changes SEMI JOIN gone USING (commit_id))"
    by_change = [
        row[0]
        for row in connection.execute(
            "SELECT DISTINCT table_name FROM duckdb_columns() WHERE column_name = 'change_id' "
            "AND table_name <> 'file_changes' ORDER BY ALL"
        ).fetchall()
    ]
    for table in by_change:
        connection.execute(f"DELETE FROM {table} WHERE change_id IN {changes}")
    for table in ("file_changes", "derived", "hot_commits", "commits"):
        connection.execute(f"DELETE FROM {table} WHERE commit_id IN (SELECT commit_id FROM gone)")
    connection.unregister("gone")
    return commit_ids.len()


def _next_id(connection: Connection, table: str, column: str) -> int:
    return scalar(connection, f"SELECT coalesce(max({column}) + 1, 0) FROM {table}")

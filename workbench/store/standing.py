"""What stood at a commit: trees before the first commit, spans of segments, hot functions."""

from __future__ import annotations

import polars as pl

from workbench.domain.standing import BASE_SEGMENTS, BIRTHS, SEGMENT_SPANS
from workbench.store.database import Store, frame_of
from workbench.store.writers import Connection, insert

_FACTS_STAMP = (
    "SELECT concat_ws(':',"
    " (SELECT concat(count(*), '/', bit_xor(hash(change_id, extractor))) FROM change_facts),"
    " (SELECT concat(count(*), '/', bit_xor(hash(commit_id, position))) FROM commits),"
    " (SELECT bit_xor(hash(repository, pair, tree, extractor)) FROM base_trees)) AS stamp"
)


def facts_stamp(store: Store) -> str:
    """Name the facts that the store holds now; other facts have another name."""
    return str(store.frame(_FACTS_STAMP)["stamp"][0])


def deltas_stamp(store: Store) -> str:
    """Name the deltas that the store holds now; other deltas have another name."""
    sql = f"{_FACTS_STAMP}, (SELECT bit_xor(hash(commit_id, deltas)) FROM derived) AS derived"
    told = store.frame(sql)
    return f"{told['stamp'][0]}:{told['derived'][0]}"


def base_stamp(store: Store) -> str:
    """Name the trees that the store's histories begin with."""
    sql = "SELECT bit_xor(hash(repository, pair, tree, extractor)) AS stamp FROM base_trees"
    return str(store.frame(sql)["stamp"][0])


def kept_stamp(store: Store, name: str) -> str | None:
    """Say what a derived table was made from; None before it is made."""
    stamps = store.frame("SELECT stamp FROM kept WHERE name = $name", {"name": name})["stamp"]
    return str(stamps[0]) if len(stamps) else None


def base_trees(store: Store) -> pl.DataFrame:
    """The trees that were read: ``repository, pair, tree, extractor``."""
    return store.frame("SELECT * FROM base_trees")


def lines(store: Store) -> pl.DataFrame:
    """``commit_id, repository, repository_kind, position`` of every commit."""
    return store.frame(
        "SELECT commit_id, r.name AS repository, r.kind AS repository_kind, position "
        "FROM commits JOIN repositories AS r USING (repo_id)"
    )


def first_commits(store: Store) -> pl.DataFrame:
    """``repository, pair, sha, parent_sha, position`` of the first commit of each line."""
    return store.frame(
        "SELECT r.name AS repository, if(r.kind = 'release', commit_id, NULL) AS pair,"
        " arg_min(sha, position) AS sha, min(position) AS position,"
        " arg_min(coalesce(parent_sha, ''), position) AS parent_sha "
        "FROM commits JOIN repositories AS r USING (repo_id) GROUP BY ALL ORDER BY ALL"
    )


def span_inputs(store: Store) -> dict[str, pl.DataFrame]:
    """Everything that spans are told from, by parameter name."""
    with store.reading() as connection:
        made = {
            "changes": frame_of(
                connection,
                "SELECT change_id, commit_id, old_path, path, old_blob, new_blob "
                "FROM file_changes SEMI JOIN change_facts USING (change_id)",
            ),
            "change_facts": frame_of(
                connection, "SELECT change_id, module_before, module_after FROM change_facts"
            ),
            "change_segments": frame_of(connection, "SELECT * FROM change_segments"),
            "base": BASE_SEGMENTS.check(frame_of(connection, "SELECT * FROM base_segments")),
        }
    return made | {"commits": lines(store)}


def replace_spans(connection: Connection, spans: pl.DataFrame, *, stamp: str) -> None:
    """Put spans in the place of older ones."""
    _replace(connection, SEGMENT_SPANS.name, SEGMENT_SPANS.check(spans), stamp=stamp)


def replace_births(connection: Connection, births: pl.DataFrame, *, stamp: str) -> None:
    """Put births in the place of older ones."""
    _replace(connection, BIRTHS.name, BIRTHS.check(births), stamp=stamp)


def _replace(connection: Connection, name: str, rows: pl.DataFrame, *, stamp: str) -> None:
    connection.execute(f"DELETE FROM {name}")
    insert(connection, name, rows)
    connection.execute("DELETE FROM kept WHERE name = ?", [name])
    connection.execute("INSERT INTO kept VALUES (?, ?)", [name, stamp])


def replace_base(
    connection: Connection,
    segments: pl.DataFrame,
    *,
    repository: str,
    pair: int | None,
    tree: str,
    extractor: int,
) -> None:
    """Put the tree before the first commit of a line in the place of an older one."""
    forget_base(connection, repository=repository, pair=pair)
    insert(connection, "base_segments", BASE_SEGMENTS.check(segments))
    connection.execute(
        "INSERT INTO base_trees VALUES (?, ?, ?, ?)", [repository, pair, tree, extractor]
    )


def forget_base(connection: Connection, *, repository: str, pair: int | None) -> None:
    """Forget the tree before the first commit of a line."""
    for table in ("base_trees", "base_segments"):
        same = "repository = ? AND pair IS NOT DISTINCT FROM ?"
        connection.execute(f"DELETE FROM {table} WHERE {same}", [repository, pair])


def hot_commits(store: Store, *, stamp: str) -> pl.Series:
    """The commits whose hot functions were made from what the stamp names."""
    sql = "SELECT commit_id FROM hot_commits WHERE stamp = $stamp"
    return store.frame(sql, {"stamp": stamp})["commit_id"].cast(pl.UInt32)


def unread_commits(store: Store) -> pl.Series:
    """Commits that touch core files whose facts were not read."""
    sql = (
        "SELECT DISTINCT commit_id FROM file_changes ANTI JOIN change_facts USING (change_id) "
        "WHERE is_core AND NOT is_binary"
    )
    return store.frame(sql)["commit_id"].cast(pl.UInt32)


def insert_hot_functions(
    connection: Connection, rows: pl.DataFrame, *, commit_ids: pl.Series, stamp: str
) -> None:
    """Keep the hot functions of some commits; those made from other facts go."""
    connection.execute("DELETE FROM hot_commits WHERE stamp <> ?", [stamp])
    connection.execute(
        "DELETE FROM hot_functions WHERE commit_id NOT IN (SELECT commit_id FROM hot_commits)"
    )
    known = frame_of(connection, "SELECT commit_id FROM hot_commits")["commit_id"].implode()
    fresh = commit_ids.filter(~commit_ids.is_in(known))
    insert(connection, "hot_functions", rows.filter(pl.col("commit_id").is_in(fresh.implode())))
    done = fresh.to_frame("commit_id").with_columns(stamp=pl.lit(stamp))
    insert(connection, "hot_commits", done)

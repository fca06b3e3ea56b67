"""Tables as frames: histories, what still lacks facts or deltas, the rows of a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from workbench.domain.facts import DELTA_TABLES
from workbench.domain.frames import TABLES
from workbench.domain.histories import HISTORY_COMMITS, HISTORY_TABLES
from workbench.domain.tables import Table
from workbench.errors import StoreError, UnknownNameError
from workbench.store.database import Store, frame_of

CASE_TABLES = ("timeline_events", "failures", "query_stats", "loop_samples")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """One history in the store: ``kind`` is git or release, ``scope`` core or all."""

    repo_id: int
    kind: str
    name: str
    location: str
    branch: str | None
    scope: str


def repositories(store: Store) -> tuple[Repository, ...]:
    """Every history that was loaded, by name."""
    rows = store.frame("SELECT * FROM repositories ORDER BY name").to_dicts()
    return tuple(Repository(**row) for row in rows)


def loaded_commits(connection: duckdb.DuckDBPyConnection, name: str) -> pl.DataFrame:
    """``commit_id, sha, position`` of one repository, read on a connection that is open."""
    sql = (
        "SELECT commit_id, sha, position FROM commits JOIN repositories USING (repo_id) "
        "WHERE name = $name"
    )
    return frame_of(connection, sql, {"name": name})


def commits(
    store: Store,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    repository: str | None = None,
) -> pl.DataFrame:
    """Commits with since <= committed_utc < until, oldest first, as HISTORY_COMMITS declares.

    Raises
    ------
    UnknownNameError
        No repository has that name.
    """
    if repository is not None:
        names = [r.name for r in repositories(store)]
        if repository not in names:
            what = f"No history is called {repository!r}."
            raise UnknownNameError(what, right=f"Loaded: {', '.join(names) or 'none'}.")
    columns = ", ".join(f"c.{name}" for name in TABLES["commits"].columns)
    sql = (
        f"SELECT {columns}, r.name AS repository, r.kind AS repository_kind "
        "FROM commits AS c JOIN repositories AS r USING (repo_id) "
        "WHERE ($name IS NULL OR r.name = $name) "
        "AND ($since IS NULL OR c.committed_utc >= $since) "
        "AND ($until IS NULL OR c.committed_utc < $until) "
        "ORDER BY r.name, c.position"
    )
    naive = {
        k: v.replace(tzinfo=None) if v else None for k, v in (("since", since), ("until", until))
    }
    return HISTORY_COMMITS.check(_typed(store.frame(sql, {"name": repository, **naive}), "commits"))


def history_frame(
    store: Store, name: str, *, commits: tuple[int, int] | None = None
) -> pl.DataFrame:
    """A whole frame of :data:`~workbench.domain.histories.HISTORY_TABLES`.

    Parameters
    ----------
    store : Store
        Where it is kept.
    name : str
        The frame.
    commits : tuple of int, optional
        First and last ``commit_id``: only rows of their changes, for a frame that has a
        ``change_id``.
    """
    declared = HISTORY_TABLES[name]
    columns = _quoted(declared)
    if name == "every_commit":
        sql = "SELECT c.*, r.name AS repository FROM commits AS c JOIN repositories AS r"
        frame = store.frame(f"SELECT {columns} FROM ({sql} USING (repo_id)) ORDER BY commit_id")
    elif commits is not None:
        touched = "SELECT change_id FROM file_changes WHERE commit_id BETWEEN $first AND $last"
        frame = store.frame(
            f"SELECT {columns} FROM {name} SEMI JOIN ({touched}) USING (change_id)",
            {"first": commits[0], "last": commits[1]},
        )
    else:
        frame = store.frame(f"SELECT {columns} FROM {name}")
    return declared.check(frame.cast(declared.schema))  # type: ignore[arg-type]


def _quoted(declared: Table) -> str:
    """The columns of a frame, in quotes: one is called ``default``."""
    return ", ".join(f'"{name}"' for name in declared.columns)


def history_rows(store: Store, name: str, *, column: str, values: pl.Series) -> pl.DataFrame:
    """Rows of such a frame whose ``column`` is one of ``values``, in their order."""
    declared = HISTORY_TABLES[name]
    wanted = values.unique().cast(declared.schema[column]).to_frame(column)
    with store.reading() as connection:
        connection.register("wanted", wanted.to_arrow())
        sql = f"SELECT {_quoted(declared)} FROM {name} SEMI JOIN wanted USING ({column})"
        frame = frame_of(connection, sql)
        connection.unregister("wanted")
    return declared.check(frame.cast(declared.schema))  # type: ignore[arg-type]


def table_frame(store: Store, name: str, *, case_id: str | None = None) -> pl.DataFrame:
    """A whole table, or its rows of one case."""
    columns = ", ".join(TABLES[name].columns)
    if case_id is None:
        frame = store.frame(f"SELECT {columns} FROM {name}")
    else:
        frame = store.frame(
            f"SELECT {columns} FROM {name} WHERE case_id = $case", {"case": case_id}
        )
    return TABLES[name].check(_typed(frame, name))


def rejections(store: Store) -> pl.DataFrame:
    """Everything that could not be loaded: kind, name, path, at, reason."""
    return store.frame("SELECT * FROM rejections ORDER BY ALL")


def downstream_commits(store: Store, name: str) -> frozenset[str]:
    """The commit that a downstream stood at when it was loaded; nothing when it has none."""
    sql = "SELECT commit_sha FROM downstreams WHERE downstream = ? AND commit_sha IS NOT NULL"
    return frozenset(store.frame(sql, [name])["commit_sha"])


def changes_without_facts(
    store: Store, repo_id: int, *, extractor: int, endings: Sequence[str] = ()
) -> pl.DataFrame:
    """Changes of a repository whose facts this extractor has not read yet.

    Parameters
    ----------
    store : Store
        Where they were loaded.
    repo_id : int
        The repository.
    extractor : int
        Version of the facts that are wanted.
    endings : sequence of str
        Ask for files outside core whose path ends so, on either side; core Python without any.
    """
    ends = {f"end{at}": ending for at, ending in enumerate(endings)}
    either = [f"ends_with({side}, ${name})" for side in ("path", "old_path") for name in ends]
    wanted = f"NOT is_core AND ({' OR '.join(either)})" if ends else "is_core"
    return store.frame(
        "SELECT change_id, commit_id, status, old_path, path, old_blob, new_blob "
        "FROM file_changes AS f JOIN commits USING (commit_id) "
        f"WHERE repo_id = $repo AND {wanted} AND NOT is_binary AND NOT EXISTS ("
        "  SELECT 1 FROM change_facts AS d WHERE d.change_id = f.change_id AND d.extractor = $ex) "
        "ORDER BY change_id",
        {"repo": repo_id, "ex": extractor, **ends},
    )


def stale_facts(store: Store, *, extractor: int) -> int:
    """How many changes have facts of another extractor."""
    sql = "SELECT count(*) AS n FROM change_facts WHERE extractor <> $ex"
    return int(store.frame(sql, {"ex": extractor})["n"][0])


def known_segments(store: Store) -> frozenset[int]:
    """The segments whose facts the store holds."""
    return frozenset(store.frame("SELECT segment_id FROM segments")["segment_id"].to_list())


def commits_without_deltas(store: Store, *, deltas: int) -> list[int]:
    """Commits that have facts, but no deltas of these rules, in order."""
    frame = store.frame(
        "SELECT DISTINCT commit_id FROM file_changes JOIN change_facts USING (change_id) "
        "ANTI JOIN (SELECT commit_id FROM derived WHERE deltas = $rules) USING (commit_id) "
        "ORDER BY commit_id",
        {"rules": deltas},
    )
    return frame["commit_id"].to_list()


def facts_of_commits(store: Store, first: int, last: int) -> dict[str, pl.DataFrame]:
    """Everything that deltas are computed from, for commits with first <= commit_id <= last.

    Returns
    -------
    dict
        ``changes``, ``change_facts``, ``change_segments`` and every ``fact_*`` table.
    """
    bounds = {"first": first, "last": last}
    changes = "SELECT change_id FROM file_changes WHERE commit_id BETWEEN $first AND $last"
    segments = (
        f"SELECT DISTINCT segment_id FROM change_segments SEMI JOIN ({changes}) USING (change_id)"
    )
    columns = ", ".join(TABLES["file_changes"].columns)
    out = {
        "changes": store.frame(
            f"SELECT {columns} FROM file_changes SEMI JOIN change_facts USING (change_id) "
            "WHERE commit_id BETWEEN $first AND $last ORDER BY change_id",
            bounds,
        )
    }
    for name in ("change_facts", "change_segments"):
        sql = f"SELECT * FROM {name} SEMI JOIN ({changes}) USING (change_id)"
        out[name] = _typed(store.frame(sql, bounds), name)
    for name in TABLES:
        if name.startswith("fact_"):
            sql = f"SELECT * FROM {name} SEMI JOIN ({segments}) USING (segment_id)"
            out[name] = _typed(store.frame(sql, bounds), name)
    return out


def _typed(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """The frame with its declared types: an empty result may come back untyped."""
    # Some frames of a history hold a part of a table's columns.
    declared = {**HISTORY_TABLES, **TABLES, **DELTA_TABLES}.get(name)
    if declared is None:
        what = f"No table is called {name!r}."
        raise StoreError(what)
    schema = {c: t for c, t in declared.schema.items() if c in frame.columns}
    return frame.cast(schema)  # type: ignore[arg-type]

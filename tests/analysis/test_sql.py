"""The locked engine: what a detector sees, what it is refused, and what ends it."""

from __future__ import annotations

import time
from pathlib import Path

import polars as pl
import pytest

from tests.analysis.histories import SHAS, changes, commits, deltas, history, hunks
from workbench.analysis import engines
from workbench.analysis.sql import VIEWS, Limits, changing_functions, run_query, view_sql
from workbench.domain.facts import FAMILIES
from workbench.domain.histories import History
from workbench.domain.standing import (
    COLUMNS_AS_OF,
    HOT_PATHS,
    HOT_VIEW,
    INDEXES_AS_OF,
    RELATIONSHIPS_AS_OF,
    SIDE_TABLES,
)
from workbench.errors import DetectorError


@pytest.fixture(scope="module")
def small() -> History:
    return history(
        {
            "commits": commits(2),
            "file_changes": changes((0, "pkg/a.py"), (1, "pkg/b.py"), (1, "docs/c.rst")),
            "hunks": hunks((0, "old one\nold two", "new one"), (1, "", "only new")),
            "guards_deltas": deltas(
                "guards",
                {
                    "change": "removed",
                    "line": 7,
                    "qualname": "K.run",
                    "before": {"condition": "not ready", "exit": "return", "follows": ["query"]},
                },
            ),
        }
    )


def test_a_query_sees_the_documented_views(small: History) -> None:
    """Every view can be selected from, and has the columns that the contract names."""
    hot = {table.name: table.empty() for table in (HOT_PATHS, HOT_VIEW)}
    columns = {v: run_query(f"SELECT * FROM {v}", small, extra=hot).columns for v in VIEWS}
    delta = [
        *(
            "sha",
            "commit_id",
            "change_id",
            "path",
            "old_path",
            "is_core",
            "change",
            "line",
            "side",
            "module",
        ),
        *("qualname", "scope_change", "before", "after", "before_module", "before_qualname"),
    ]
    assert columns == {
        "commits": [
            *("commit_id", "sha", "repository", "repository_kind", "position", "author"),
            *("authored_utc", "committed_utc", "subject", "message"),
        ],
        "file_changes": [
            *(
                "sha",
                "commit_id",
                "change_id",
                "path",
                "old_path",
                "status",
                "added_lines",
                "removed_lines",
            ),
            *("is_core", "is_binary"),
        ],
        "hunks": [
            *(
                "sha",
                "commit_id",
                "change_id",
                "path",
                "old_path",
                "is_core",
                "old_start",
                "old_lines",
            ),
            *("new_start", "new_lines", "removed", "added"),
        ],
        "lines": ["sha", "commit_id", "change_id", "path", "is_core", "side", "line", "text"],
        "births": ["repository", "name", "born_utc"],
        "hot_paths": ["qualname", "multiplicity", "why"],
        **{f"{name}_deltas": delta for name in FAMILIES},
        "columns_as_of": list(COLUMNS_AS_OF.columns),
        "indexes_as_of": list(INDEXES_AS_OF.columns),
        "relationships_as_of": list(RELATIONSHIPS_AS_OF.columns),
        "hot_functions": list(HOT_VIEW.columns),
        **{name: list(table.columns) for name, table in SIDE_TABLES.items()},
    }


def test_lines_carry_their_number_on_their_side(small: History) -> None:
    """A block of two removed lines and one added becomes three numbered lines."""
    rows = run_query("SELECT side, line, text FROM lines ORDER BY ALL", small).rows()
    assert rows == [
        ("after", 10, "new one"),
        ("after", 10, "only new"),
        ("before", 10, "old one"),
        ("before", 11, "old two"),
    ]


def test_a_delta_carries_its_commit_and_its_two_versions(small: History) -> None:
    """Fields of the versions are reached by dots, lists by list functions."""
    sql = """
        SELECT sha, path, line, before.condition AS condition
        FROM guards_deltas WHERE after IS NULL AND list_contains(before.follows, 'query')
    """
    assert run_query(sql, small).rows() == [(SHAS[0], "pkg/a.py", 7, "not ready")]


def test_only_commits_of_the_span_are_seen(small: History) -> None:
    """A history that is cut shows no file of a commit outside it."""
    late = small.between(since=small.commits["committed_utc"][1])
    rows = run_query("SELECT DISTINCT sha FROM file_changes", late).rows()
    assert rows == [(SHAS[1],)]


def test_dates_compare_with_plain_literals(small: History) -> None:
    """Times are UTC without a zone inside a query."""
    sql = "SELECT sha FROM commits WHERE committed_utc >= TIMESTAMP '2026-01-02'"
    assert run_query(sql, small).rows() == [(SHAS[1],)]


def test_only_what_a_query_names_is_fetched() -> None:
    """A query over commits never asks the history for hunks or deltas."""
    asked: list[str] = []

    def loader(name: str) -> pl.DataFrame:
        asked.append(name)
        return changes((0, "a.py"))

    run_query("SELECT count(*) AS n FROM commits", lazy := History(commits(1), loader))
    assert asked == []
    run_query("SELECT count(*) AS n FROM file_changes", lazy)
    assert asked == ["file_changes"]


def test_queries_of_one_history_share_an_engine_and_what_it_holds(
    small: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is answered without opening another; after a failure a fresh one is opened."""
    opened: list[Limits] = []

    def connect(limits: Limits) -> object:
        opened.append(limits)
        return real(limits)

    real = engines._connect
    changing_functions()
    monkeypatch.setattr(engines, "_connect", connect)
    own = small.between()
    for view in ("lines", "file_changes", "lines"):
        assert run_query(f"SELECT * FROM {view}", own).height
    assert len(opened) == 1
    other = Limits(seconds=9)
    assert run_query("SELECT * FROM lines", own, limits=other).height
    assert opened == [Limits(), other]
    with pytest.raises(DetectorError):
        run_query("SELECT nothing FROM lines", own)
    assert run_query("SELECT * FROM lines", own).height
    assert opened == [Limits(), other, Limits()]


def test_a_frame_that_is_given_anew_is_seen_anew(small: History) -> None:
    """Hot paths of one call do not stand in for those of the next."""
    for name in ("a", "b"):
        hot = HOT_PATHS.frame([{"qualname": name, "multiplicity": "per-loop", "why": ""}])
        rows = run_query("SELECT qualname FROM hot_paths", small, extra={"hot_paths": lambda: hot})  # noqa: B023
        assert rows.rows() == [(name,)]


def test_what_another_query_was_given_is_not_offered(small: History) -> None:
    """A view of one call alone is gone with it."""
    assert run_query("SELECT * FROM given", small, extra={"given": commits(1)}).height == 1
    with pytest.raises(DetectorError, match="no view given"):
        run_query("SELECT * FROM given", small)


@pytest.mark.parametrize(
    "table", ["duckdb_tables", "raw_commits", "RAW_hunks", "pg_class", "sqlite_master"]
)
def test_a_step_cannot_open_the_catalogue_by_its_name(small: History, table: str) -> None:
    """A step called like one of the engine's tables would let that be read elsewhere."""
    inner = f"(WITH {table} AS (SELECT 1 AS a) SELECT a FROM {table})"
    with pytest.raises(DetectorError, match="refused"):
        run_query(f"SELECT * FROM {table} WHERE 1 IN {inner}", small)


def test_a_step_may_share_a_name_with_a_view(small: History) -> None:
    """A WITH step called like a view hides the view, as SQL has it."""
    assert run_query("WITH commits AS (SELECT 1 AS a) SELECT a FROM commits", small).rows() == [
        (1,)
    ]


REFUSED = {
    "write a file": "COPY commits TO '/tmp/out.csv'",
    "copy a query out": "COPY (SELECT 1) TO '/tmp/out.parquet'",
    "export": "EXPORT DATABASE '/tmp/out'",
    "attach": "ATTACH '/tmp/x.db'",
    "install": "INSTALL httpfs",
    "load": "LOAD httpfs",
    "set": "SET memory_limit='20GB'",
    "reset": "RESET memory_limit",
    "pragma": "PRAGMA threads=64",
    "call": "CALL pragma_version()",
    "create table": "CREATE TABLE t AS SELECT 1",
    "create macro": "CREATE MACRO f(x) AS x",
    "create secret": "CREATE SECRET s (TYPE s3)",
    "insert": "INSERT INTO raw_commits SELECT 1",
    "update": "UPDATE commits SET sha = 'x'",
    "delete": "DELETE FROM commits",
    "drop": "DROP VIEW commits",
    "prepare": "PREPARE p AS SELECT 1",
    "explain": "EXPLAIN ANALYZE SELECT 1",
    "checkpoint": "CHECKPOINT",
    "transaction": "BEGIN TRANSACTION",
    "use": "USE memory",
    "describe": "DESCRIBE commits",
    "show": "SHOW TABLES",
    "summarize": "SUMMARIZE commits",
    "two statements": "SELECT 1; SELECT 2",
    "a write behind a select": "SELECT 1; DROP VIEW commits",
    "a write behind a comment": "-- harmless\nDROP VIEW commits",
    "nothing": "",
    "only a comment": "-- nothing",
    "read_csv": "SELECT * FROM read_csv('/etc/passwd')",
    "read_text": "SELECT content FROM read_text('/etc/passwd')",
    "read_blob": "SELECT * FROM read_blob('/etc/*')",
    "read_parquet": "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
    "read_json": "SELECT * FROM read_json_auto('/etc/x.json')",
    "parquet_metadata": "SELECT * FROM parquet_metadata('/tmp/x')",
    "glob": "SELECT * FROM glob('/etc/*')",
    "sniff": "SELECT * FROM sniff_csv('/etc/passwd')",
    "a path as a table": "SELECT * FROM '/etc/passwd'",
    "a url as a table": "SELECT * FROM 'https://example.org/x.csv'",
    "a file in a subquery": "SELECT (SELECT max(content) FROM read_text('/etc/passwd'))",
    "a file in a step": "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x",
    "a file in a join": "SELECT 1 FROM commits c JOIN read_text('/etc/passwd') f ON true",
    "a file in exists": "SELECT 1 WHERE EXISTS (SELECT 1 FROM '/etc/passwd')",
    "a file in a lambda": "SELECT list_transform([1], x -> (SELECT count(*) FROM '/etc/passwd'))",
    "settings": "SELECT * FROM duckdb_settings()",
    "secrets": "SELECT * FROM duckdb_secrets()",
    "which_secret": "SELECT * FROM which_secret('s3://x', 's3')",
    "a setting": "SELECT current_setting('memory_limit')",
    "a variable": "SELECT getvariable('x')",
    "the environment": "SELECT getenv('HOME')",
    "the catalogue": "SELECT * FROM duckdb_tables()",
    "information_schema": "SELECT * FROM information_schema.tables",
    "pg_catalog": "SELECT * FROM pg_catalog.pg_class",
    "sqlite_master": "SELECT * FROM sqlite_master",
    "the frames behind a view": "SELECT * FROM raw_commits",
    "a view with a schema": "SELECT * FROM main.commits",
    "text run as a query": "SELECT * FROM query('SELECT 1')",
    "a table by text": "SELECT * FROM query_table('commits')",
    "a serialised query": "SELECT * FROM json_execute_serialized_sql('{}')",
    "a pointer as a frame": "SELECT * FROM python_arrow_scan(1, 2, 3)",
    "a frame of the caller": "SELECT * FROM small",
    "a polars frame of the caller": "SELECT * FROM rows",
    "the clock": "SELECT now()",
    "the clock without brackets": "SELECT current_timestamp",
    "the date": "SELECT current_date",
    "the clock in a macro": "SELECT ago(INTERVAL 1 DAY)",
    "chance": "SELECT random()",
    "a new id": "SELECT uuid()",
    "a seed": "SELECT setseed(0.5)",
    "a sample": "SELECT * FROM commits USING SAMPLE 10 PERCENT",
    "a table sample": "SELECT * FROM commits TABLESAMPLE 10%",
    "the log": "SELECT write_log('x')",
    "sleep": "SELECT sleep_ms(100000)",
    "sleep in a macro": "SELECT pg_sleep(100)",
    "a parameter": "SELECT ?",
    "a named parameter": "SELECT $name",
    "an unknown function": "SELECT no_such_function(sha) FROM commits",
    "an unknown column": "SELECT no_such_column FROM commits",
    "an unknown view": "SELECT * FROM commitz",
    "no syntax": "SELEC sha FROM commits",
    "a huge string": "SELECT repeat('x', 4000000000)",
    "a long padding": "SELECT lpad('x', 2000000000, 'y') FROM commits",
    "a distance over long text": "SELECT levenshtein(removed, added) FROM hunks",
    "a long query": "SELECT '" + "x" * 200_000 + "'",
    "deep brackets": "SELECT " + "(" * 5_000 + "1" + ")" * 5_000,
}


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(sql: str, small: History) -> None:
    """Files, settings, writes, clocks and chance end in an error with its place."""
    rows = pl.DataFrame({"a": [1]})
    with pytest.raises(DetectorError) as caught:
        run_query(sql, small, path="patterns/X/detector.sql")
    assert caught.value.where is not None
    assert caught.value.where.path == "patterns/X/detector.sql"
    assert rows.height == 1


def test_a_refusal_leaves_no_file_behind(small: History, tmp_path: Path) -> None:
    """Nothing is written, whatever a query tries."""
    target = tmp_path / "out.csv"
    for sql in (f"COPY commits TO '{target}'", f"ATTACH '{target}'", f"EXPORT DATABASE '{target}'"):
        with pytest.raises(DetectorError):
            run_query(sql, small)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("sql", "line", "says"),
    [
        ("SELECT sha\nFROM commits\nWHERE bad_column = 1", "line 3", "bad_column"),
        ("SELECT sha\nFROM commitz", "line 2", "commitz"),
        ("SELECT sha\nFROM commits\nWHEREE 1", "", ""),
        ("SELECT 1,\n  now()", "line 2", "now"),
    ],
)
def test_an_error_names_its_line(sql: str, line: str, says: str, small: History) -> None:
    """The place says the line in the query, the text says what is there."""
    with pytest.raises(DetectorError) as caught:
        run_query(sql, small)
    assert caught.value.where is not None
    assert caught.value.where.at.startswith(line)
    assert says in str(caught.value)


def test_an_unknown_view_is_answered_with_those_there_are(small: History) -> None:
    """The message lists the views."""
    with pytest.raises(DetectorError, match=r"guards_deltas.*hunks"):
        run_query("SELECT * FROM guard_deltas", small)


RUNAWAY = {
    "a cross join": "SELECT count(*) FROM range(100000000000) a, range(1000000) b",
    "an endless recursion": "WITH RECURSIVE x AS (SELECT 1 a UNION ALL SELECT a FROM x) "
    "SELECT count(*) FROM x",
    "an endless recursion that is fetched": "WITH RECURSIVE x AS "
    "(SELECT 1 a UNION ALL SELECT a FROM x WHERE a < 2) SELECT a FROM x WHERE a > 1",
}


@pytest.mark.parametrize("sql", RUNAWAY.values(), ids=RUNAWAY)
def test_a_runaway_query_is_interrupted(sql: str, small: History) -> None:
    """Over its time a query ends within a moment, while it computes and while it is fetched."""
    begun = time.monotonic()
    with pytest.raises(DetectorError, match=r"ran over 0\.2 s"):
        run_query(sql, small, limits=Limits(seconds=0.2))
    assert time.monotonic() - begun < 3


GREEDY = {
    "rows": "SELECT a.range FROM range(1000000) a",
    "one long list": "SELECT range(1000000000) AS x",
    "lists unnested": "SELECT unnest(range(1000000000)) AS x",
    "an aggregate": "SELECT string_agg(a.range::VARCHAR) AS x FROM range(40000000) a",
    "text that squares": "SELECT max(length(s)) FROM (SELECT replace(s, 'x', s) s FROM "
    "(SELECT replace(s, 'x', s) s FROM (SELECT replace(s, 'x', s) s FROM "
    "(SELECT 'xxxxxxxxxxxxxxxxxxxxxxx' || range s FROM range(2000)))))",
}


@pytest.mark.parametrize("sql", GREEDY.values(), ids=GREEDY)
def test_a_greedy_query_is_stopped(sql: str, small: History) -> None:
    """Rows, bytes and memory each have their limit, also where the engine does not count."""
    tight = Limits(memory_bytes=64 << 20, address_space_bytes=1 << 30, rows=10_000)
    with pytest.raises(DetectorError):
        run_query(sql, small, limits=tight)


def test_the_process_is_as_before_afterwards(small: History) -> None:
    """The address-space limit is put back, after an answer and after an error."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_AS)
    run_query("SELECT 1 AS a", small)
    with pytest.raises(DetectorError):
        run_query("SELECT message::INTEGER FROM commits", small)
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_every_changing_function_of_the_engine_is_known() -> None:
    """The engine's catalogue and our words agree on the well-known ones."""
    known = changing_functions()
    assert {"now", "random", "uuid", "nextval", "pg_sleep", "ago", "today"} <= known
    assert not {"lower", "list_contains", "regexp_matches", "error", "json"} & known


def test_more_views_can_be_offered(small: History) -> None:
    """An extra frame is a view by its own name."""
    extra = {"hot_paths": HOT_PATHS.frame([{"qualname": "pkg.*", "multiplicity": "per-loop"}])}
    sql = "SELECT count(*) AS n FROM hot_paths WHERE 'pkg.mod.f' GLOB qualname"
    assert run_query(sql, small, extra=extra)["n"].to_list() == [1]


def test_the_same_view_text_serves_every_family() -> None:
    """A delta view reads the frame of its own family."""
    assert "raw_imports_deltas" in view_sql("imports_deltas")

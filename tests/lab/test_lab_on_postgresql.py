"""The incident's lookup on a real server: ratios, traps, and a database that is not the lab's."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import polars as pl
import pytest

from workbench import Lab
from workbench.errors import LabError
from workbench.lab.frames import MEASUREMENTS
from workbench.lab.lab import LabRun
from workbench.lab.lab_schema import MARK
from workbench.lab.own_server import OwnServer
from workbench.lab.scenarios import Scenario, read_scenario

pytestmark = pytest.mark.postgres

LOOKUP = "task-reschedule-lookup"


@pytest.fixture(scope="module")
def run(bin_dir: Path) -> LabRun:
    """A ladder with both plans of the query without an index."""
    return Lab(bin_dir=bin_dir, keep=None).run(LOOKUP, rows=[2_000, 20_000, 100_000])


def test_a_ladder_says_server_and_client(run: LabRun) -> None:
    """Every cell has both; no index is far slower than the composite one, on the server more so."""
    assert run.engine.startswith("postgresql")
    assert run.measurements.equals(MEASUREMENTS.check(run.measurements))
    assert run.measurements["server_ms"].null_count() == 0
    assert run.ratio_server is not None
    assert run.ratio_client is not None
    assert run.ratio_server > 100
    assert 10 < run.ratio_client < run.ratio_server
    assert run.settings["fsync"] == "off"
    assert run.settings["random_page_cost"] == "4"
    builds = run.builds.filter(pl.col("variant") == "composite")
    assert builds["index_bytes"].to_list() == sorted(builds["index_bytes"].to_list())
    assert run.builds["insert_ms"].min() > 0  # type: ignore[operator]


def test_the_traps_of_the_incident_are_named(run: LabRun) -> None:
    """A backward walk of the primary key without a sequential scan, and an index passed over."""
    found = {(p.kind, p.variant): p for p in run.pitfalls}
    walk = found["filtered-walk", "none"]
    assert walk.rows == 100_000
    assert "Index Scan Backward task_reschedule_pkey" in walk.text
    assert "100,000 rows were read and thrown away" in walk.text
    assert ("ignored-index", "plain") in found
    assert ("hit-versus-miss", "none") in found
    assert ("plan-change", "none") in found
    assert ("cost-understates", "none") in found
    assert not any(variant == "composite" for _, variant in found)


def test_a_prepared_statement_may_end_up_with_another_plan(run: LabRun) -> None:
    """A small table is scanned for known parameters, and walked for unknown ones."""
    (row,) = run.plans.filter(
        (pl.col("rows") == 2_000) & (pl.col("variant") == "none") & (pl.col("profile") == "miss")
    ).iter_rows(named=True)
    assert "Seq Scan" in row["plan_signature"]
    assert "Backward" in row["generic_signature"]


def test_deleting_a_row_looks_for_its_children(bin_dir: Path) -> None:
    """The trigger's time is named, and an index takes it away."""
    run = Lab(bin_dir=bin_dir, keep=None).run("task-instance-delete", rows=[60_000])
    found = {(p.kind, p.variant) for p in run.pitfalls}
    assert ("foreign-key-scan", "none") in found
    assert ("foreign-key-scan", "composite") not in found
    assert run.ratio_server is not None
    assert run.ratio_server > 10


def test_an_index_is_used_or_not_by_rows_and_key(bin_dir: Path) -> None:
    """The plain index: passed over at 300,000 rows x 100 a key, taken at 900,000 x 10."""
    lab = Lab(bin_dir=bin_dir, keep=None)
    passed = lab.phases(LOOKUP, rows=[300_000], rows_per_key=[100], settings=[{}])
    taken = lab.phases(LOOKUP, rows=[900_000], rows_per_key=[10])
    assert passed["used"].to_list() == [False]
    assert taken["used"].to_list() == [True]
    assert "random_page_cost=4" in passed["settings"].item()


def test_a_setting_can_turn_the_map(bin_dir: Path) -> None:
    """Without ordered walks the planner takes the index; the setting does not stay."""
    found = Lab(bin_dir=bin_dir, keep=None).phases(
        LOOKUP,
        rows=[60_000],
        rows_per_key=[100],
        settings=[{"enable_indexscan": "off"}, {}],
    )
    assert found["used"].to_list() == [True, False]


def _tables(dsn: str) -> list[tuple[str, str]]:
    import psycopg

    with psycopg.connect(dsn) as connection:
        return connection.execute(
            "SELECT schemaname, tablename FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"
        ).fetchall()


def _execute(dsn: str, *statements: str) -> None:
    import psycopg

    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_a_named_database_is_left_as_it_was(dsn: str) -> None:
    """Other tables stay; the lab's own schema is gone afterwards."""
    _execute(dsn, "CREATE TABLE public.orders (id integer)")
    run = Lab(dsn=dsn, keep=None).run("template", rows=[500])
    assert "DSN" in run.engine
    assert _tables(dsn) == [("public", "orders")]


@pytest.mark.parametrize("schema", ["public", "airflow"])
def test_airflows_database_is_refused(dsn: str, schema: str) -> None:
    """Its real tables in any schema stop the lab before it has written anything."""
    _execute(dsn, f"CREATE SCHEMA IF NOT EXISTS {schema}", f"CREATE TABLE {schema}.dag_run (a int)")
    with pytest.raises(LabError, match=f"Airflow's tables \\({schema}.dag_run\\)"):
        Lab(dsn=dsn, keep=None).run("template", rows=[500])
    assert _tables(dsn) == [(schema, "dag_run")]


def test_somebody_elses_schema_is_refused(dsn: str) -> None:
    """A schema of our name without our mark is not ours."""
    _execute(dsn, "CREATE SCHEMA workbench_lab", "CREATE TABLE workbench_lab.theirs (a int)")
    with pytest.raises(LabError, match="did not make"):
        Lab(dsn=dsn, keep=None).run("template", rows=[500])
    assert _tables(dsn) == [("workbench_lab", "theirs")]


def test_leftovers_of_a_killed_lab_are_removed(dsn: str) -> None:
    """With our mark and no lab at work, the schema is made anew."""
    _execute(
        dsn,
        "CREATE SCHEMA workbench_lab",
        f"COMMENT ON SCHEMA workbench_lab IS '{MARK}'",
        "CREATE TABLE workbench_lab.task_instance (a int)",
    )
    Lab(dsn=dsn, keep=None).run("template", rows=[500])
    assert _tables(dsn) == []


def test_one_lab_at_a_time(dsn: str) -> None:
    """A second one in the same database is refused while the first is at work."""
    from workbench.lab.databases import open_database
    from workbench.lab.programs import find_origin

    with (
        open_database(find_origin(dsn=dsn)),
        pytest.raises(LabError, match="Another lab is at work"),
    ):
        Lab(dsn=dsn, keep=None).run("template", rows=[500])


def test_a_query_outside_the_labs_schema_is_refused(dsn: str) -> None:
    """Neither read nor written: the plan says which tables it would touch."""
    _execute(dsn, "CREATE TABLE public.orders (id integer)", "INSERT INTO public.orders VALUES (1)")
    for query in ("DELETE FROM public.orders", "SELECT id FROM public.orders"):
        scenario = dataclasses.replace(
            read_scenario("template"), query=query, profiles={"miss": {}}, settings={}
        )
        with pytest.raises(LabError, match=r"touches public\.orders"):
            Lab(dsn=dsn, keep=None).run(scenario, rows=[500])
    import psycopg

    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT count(*) FROM public.orders").fetchone() == (1,)


def _with_value(value: str) -> Scenario:
    """The template with another value in its first column."""
    made = read_scenario("template")
    first, *rest = made.tables[0].columns
    columns = (dataclasses.replace(first, value=value), *rest)
    table = dataclasses.replace(made.tables[0], columns=columns)
    return dataclasses.replace(made, tables=(table,))


def _with_parameter(value: str) -> Scenario:
    """The template with another parameter of its main profile."""
    return dataclasses.replace(read_scenario("template"), profiles={"miss": {"customer": value}})


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        (_with_value("1, NULL, NULL WHERE false; DROP TABLE public.orders; --"), "multiple"),
        (_with_value("(SELECT id FROM public.orders LIMIT 1)"), r"touches public\.orders"),
        (_with_value("CASE WHEN n = 77 THEN nextval('public.counter') END"), "calls nextval"),
        (_with_parameter("1 FROM (SELECT 1) AS r; DROP TABLE public.orders; SELECT 1"), "multiple"),
        (_with_parameter("(SELECT id FROM public.orders)"), r"touches public\.orders"),
        (_with_parameter("CASE WHEN n = 1 THEN nextval('public.counter') END"), "calls nextval"),
        (
            dataclasses.replace(
                read_scenario("template"),
                query="SELECT pg_sleep(0)",
                profiles={"miss": {}},
            ),
            "calls pg_sleep",
        ),
        (
            dataclasses.replace(read_scenario("template"), settings={"search_path": "public"}),
            "search_path is not a scenario's",
        ),
    ],
)
def test_no_sql_of_a_scenario_gets_out(dsn: str, scenario: Scenario, said: str) -> None:
    """Values, parameters and settings neither touch other tables nor do anything but compute."""
    _execute(
        dsn,
        "CREATE TABLE public.orders (id integer)",
        "INSERT INTO public.orders VALUES (1)",
        "CREATE SEQUENCE public.counter",
    )
    with pytest.raises(LabError, match=said):
        Lab(dsn=dsn, keep=None).run(scenario, rows=[500], profiles=["miss"])
    assert _tables(dsn) == [("public", "orders")]
    import psycopg

    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT is_called FROM public.counter").fetchone() == (False,)


def test_a_database_that_does_not_answer(server: OwnServer) -> None:
    """Neither a wrong socket nor a wrong name takes long or ends in a traceback."""
    for dsn in ("host=/nowhere dbname=x", server.dsn.replace("postgres", "no_such"), "nonsense"):
        with pytest.raises(LabError, match="does not answer"):
            Lab(dsn=dsn, keep=None).run("template", rows=[500])


def test_a_statement_that_is_refused_is_told(server: OwnServer, dsn: str) -> None:
    """The server's own words reach the user."""
    with pytest.raises(LabError, match="no_such_setting"):
        Lab(dsn=dsn, keep=None, settings={"no_such_setting": "1"}).run("template", rows=[500])

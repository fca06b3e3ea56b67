"""PostgreSQL as the lab's database: a schema of its own, and nothing outside it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workbench.errors import LabError
from workbench.lab.lab_schema import claimed
from workbench.lab.plans import Plan, read_plan
from workbench.lab.reach import refuse_reach, refuse_settings
from workbench.lab.release_tables import release_statements
from workbench.lab.scenarios import Index, Scenario
from workbench.lab.statements import (
    SCHEMA,
    Numbers,
    create_statement,
    expression,
    fill_statement,
    index_name,
    index_statement,
    key_statements,
    more_statement,
    placeholders,
    rows_statement,
)

if TYPE_CHECKING:
    from psycopg import Connection

CONNECT_SECONDS = 5
READ_SETTINGS = (
    "server_version",
    "random_page_cost",
    "seq_page_cost",
    "effective_cache_size",
    "shared_buffers",
    "work_mem",
    "default_statistics_target",
    "max_parallel_workers_per_gather",
    "jit",
    "plan_cache_mode",
    "fsync",
    "autovacuum",
)


class PostgreSQLLab:
    """A session whose search path is the lab's own schema."""

    is_postgresql = True

    def __init__(self, connection: Connection[Any], *, origin: str, own: bool) -> None:
        self._connection, self._origin, self._own = connection, origin, own
        self._checked: set[str] = set()

    @property
    def version(self) -> str:
        """Version of the server."""
        return str(self._one("SHOW server_version")).split()[0]

    @property
    def label(self) -> str:
        """Name, version and where it came from."""
        return f"postgresql {self.version} ({self._origin})"

    @property
    def settings(self) -> Mapping[str, str]:
        """What was set, and what a plan hangs on."""
        return {name: str(self._one(f"SHOW {name}")) for name in READ_SETTINGS}

    def fill(self, scenario: Scenario, numbers: Numbers) -> None:
        """Make the tables anew, fill them, add keys and foreign keys, vacuum and analyze."""
        with told():
            self._run(f"DROP SCHEMA {SCHEMA} CASCADE")
            claimed_again(self._connection)
            before, keys, foreign = self._parts(scenario)
            for statement in before:
                self._run(statement)
            for table in scenario.tables:
                told_rows = rows_statement(table, scenario, numbers, dialect="postgresql")
                refuse_reach(self._connection, told_rows, what=f"The fill of {table.name}")
                self._run(fill_statement(table, scenario, numbers, dialect="postgresql"))
            for statement in (*keys, *foreign):
                self._run(statement)
            for table in scenario.tables:
                self._run(f"VACUUM (ANALYZE) {table.name}")

    def _parts(self, scenario: Scenario) -> tuple[list[str], list[str], list[str]]:
        """What comes before the fill, the keys after it, and the foreign keys after those."""
        if scenario.release:
            return release_statements(scenario, dialect="postgresql")
        before, keys, foreign = [], [], []
        for table in scenario.tables:
            before.append(create_statement(table, dialect="postgresql"))
            own, others = key_statements(table)
            keys += own
            foreign += others
        return before, keys, foreign

    def add_index(self, index: Index, table: str) -> tuple[float, int]:
        """Build an index; return seconds and bytes."""
        begun = time.perf_counter()
        with told():
            self._run(index_statement(index, table))
        seconds = time.perf_counter() - begun
        return seconds, int(self._one(f"SELECT pg_relation_size('{SCHEMA}.{index_name(index)}')"))

    def drop_index(self, index: Index) -> None:
        """Remove an index."""
        self._run(f"DROP INDEX IF EXISTS {SCHEMA}.{index_name(index)}")

    def values(
        self, expressions: Mapping[str, str], numbers: Numbers, repetition: int
    ) -> dict[str, Any]:
        """Parameters of one repetition."""
        if not expressions:
            return {}
        said = [
            f"{expression(text, numbers, dialect='postgresql')} AS {name}"
            for name, text in expressions.items()
        ]
        query = f"SELECT {', '.join(said)} FROM (SELECT {int(repetition)} AS n) AS r"
        with told():
            if query not in self._checked:
                refuse_reach(self._connection, query, what="A profile")
                self._checked.add(query)
            row = self._connection.execute(query.encode()).fetchone()
        return dict(zip(expressions, row or (), strict=True))

    def timed(self, scenario: Scenario, values: Mapping[str, Any]) -> float:
        """Run the query, fetch all of its rows, undo it."""
        query = self._checked_query(scenario, values)
        with self._undone(scenario) as connection:
            begun = time.perf_counter()
            cursor = connection.execute(query, values)
            if cursor.description is not None:
                cursor.fetchall()
            return 1000 * (time.perf_counter() - begun)

    def explain(self, scenario: Scenario, values: Mapping[str, Any], *, analyze: bool) -> Plan:
        """Plan of the query; with ``analyze`` it runs, and is undone.

        Raises
        ------
        LabError
            The query would read or write a table outside the lab's own schema.
        """
        query = self._checked_query(scenario, values)
        # the clock of each node costs; that of a key's trigger is told only with it
        timing = "ON" if scenario.writes else "OFF"
        options = f"ANALYZE, BUFFERS, TIMING {timing}, SETTINGS" if analyze else "SETTINGS"
        return read_plan(self._explained(options, query, values, scenario))

    def _explained(
        self, options: str, query: str, values: Mapping[str, Any], scenario: Scenario
    ) -> Mapping[str, Any]:
        with self._undone(scenario) as connection:
            row = connection.execute(f"EXPLAIN ({options}, FORMAT JSON) {query}", values).fetchone()
        assert row is not None
        found: Mapping[str, Any] = row[0][0]
        return found

    def _checked_query(self, scenario: Scenario, values: Mapping[str, Any]) -> str:
        """The query as the client writes it, once its plan has said which tables it touches."""
        query = placeholders(scenario.query, dialect="postgresql")
        if query not in self._checked:
            with self._undone(scenario) as connection:
                refuse_reach(connection, query, values, what="The query")
            self._checked.add(query)
        return query

    def generic_plan(self, scenario: Scenario, values: Mapping[str, Any]) -> Plan | None:
        """Plan of a prepared statement whose parameters the planner does not look at."""
        names = scenario.parameters()
        if not names:
            return None
        query = placeholders(scenario.query, dialect="postgresql")
        for number, name in enumerate(names, 1):
            query = query.replace(f"%({name})s", f"${number}")
        from psycopg import sql

        literals = sql.SQL(", ").join(sql.Literal(values[name]) for name in names)
        execute = sql.SQL("EXPLAIN (FORMAT JSON) EXECUTE lab_prepared({})").format(literals)
        try:
            with self._undone(scenario) as connection:
                connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
                self._run(f"PREPARE lab_prepared AS {query.replace('%%', '%')}")
                row = connection.execute(execute).fetchone()
        finally:
            self._run("DEALLOCATE ALL")  # preparing is not undone with its transaction
        assert row is not None
        return read_plan(row[0][0])

    def write_cost(self, scenario: Scenario, numbers: Numbers, rows: int) -> float:
        """Milliseconds to insert rows; they are taken out, and the table is as it was."""
        statement = more_statement(scenario, numbers, rows, dialect="postgresql")
        with told():
            begun = time.perf_counter()
            with self._connection.transaction(force_rollback=True):
                self._connection.execute(statement.encode(), binary=True)
                took = 1000 * (time.perf_counter() - begun)
            self._run(f"VACUUM {scenario.table}")
        return took

    def set(self, settings: Mapping[str, str]) -> Mapping[str, str]:
        """Settings of this session; return what they were."""
        before = {}
        refuse_settings(settings)
        with told():
            for name, value in settings.items():
                row = self._connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
                before[name] = str(row[0]) if row else ""
                self._connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        return before

    @contextmanager
    def _undone(self, scenario: Scenario) -> Iterator[Connection[Any]]:
        """Give a transaction that is undone; one that only reads may only read."""
        with told(), self._connection.transaction(force_rollback=True):
            if not scenario.writes:
                self._connection.execute("SET TRANSACTION READ ONLY")
            yield self._connection

    def _run(self, statement: str) -> None:
        # a binary answer is asked for, because only then one statement is all that is taken
        self._connection.execute(statement.encode(), binary=True)

    def _one(self, query: str) -> Any:
        row = self._connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def claimed_again(connection: Connection[Any]) -> None:
    """Make the lab's schema anew, with the mark by which it is known."""
    from workbench.lab.lab_schema import make_schema

    make_schema(connection)


@contextmanager
def connected(dsn: str, *, origin: str, own: bool) -> Iterator[PostgreSQLLab]:
    """Connect, claim the lab's own schema, and remove it at the end.

    Raises
    ------
    LabError
        The server does not answer, or the database is one that the lab keeps away from.
    """
    import psycopg

    # a prepared statement's cached plan would outlive the index that the lab drops
    try:
        connection = psycopg.connect(
            dsn,
            autocommit=True,
            prepare_threshold=None,
            connect_timeout=CONNECT_SECONDS,
            application_name="workbench lab",
        )
    except psycopg.Error as error:
        what = f"The database does not answer: {str(error).strip()}"
        todo = "Check host, port, name and password of the DSN."
        raise LabError(what, todo=todo) from error
    with connection, claimed(connection, own=own):
        yield PostgreSQLLab(connection, origin=origin, own=own)


@contextmanager
def told() -> Iterator[None]:
    """Say what PostgreSQL refused in an error of ours."""
    import psycopg

    try:
        yield
    except psycopg.errors.DiskFull as error:
        what = f"The disk of the database is full: {str(error).strip()}"
        raise LabError(what, todo="Free some space, or ask for fewer rows.") from error
    except psycopg.OperationalError as error:
        what = f"The database went away: {str(error).strip()}"
        raise LabError(what, todo="Run the lab again; sizes that are done are kept.") from error
    except psycopg.Error as error:
        raise LabError(f"PostgreSQL refuses: {str(error).strip()}") from error

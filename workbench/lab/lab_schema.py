"""The lab's own schema in a database: made, claimed, and removed; other people's are left alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workbench.errors import LabError
from workbench.lab.statements import SCHEMA

if TYPE_CHECKING:
    from psycopg import Connection

MARK = "made by the query lab of incident-workbench; may be dropped"
LOCK = 0x776F726B  # one lab at a time in a database
AIRFLOW = (
    "alembic_version",
    "dag",
    "dag_run",
    "job",
    "serialized_dag",
    "slot_pool",
    "task_instance",
    "task_reschedule",
    "xcom",
)


@contextmanager
def claimed(connection: Connection[Any], *, own: bool) -> Iterator[None]:
    """Claim the schema for this session; drop it at the end.

    Raises
    ------
    LabError
        Airflow's real tables stand in the database, another lab is at work in it, or somebody
        else's schema has our name. Nothing was written then.
    """
    import psycopg

    try:
        if not own:
            _refuse_airflow(connection)
        _lock(connection)
        if _mark(connection) is not None:
            connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
        make_schema(connection)
    except psycopg.Error as error:
        what = f"The lab cannot make its own schema: {str(error).strip()}"
        raise LabError(what, todo="Give the role the right to create a schema.") from error
    try:
        yield
    finally:
        # with the session gone, the next lab in this database removes the schema
        with contextlib.suppress(psycopg.Error):
            connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def make_schema(connection: Connection[Any]) -> None:
    """Make the schema with our mark, and let the session see nothing else."""
    connection.execute(f"CREATE SCHEMA {SCHEMA}")
    connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{MARK}'")
    connection.execute(f"SET search_path TO {SCHEMA}")


def _refuse_airflow(connection: Connection[Any]) -> None:
    found = connection.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p') AND c.relname = ANY(%s) AND n.nspname <> %s ORDER BY 1, 2",
        (list(AIRFLOW), SCHEMA),
    ).fetchall()
    if found:
        names = ", ".join(f"{schema}.{name}" for schema, name in found[:5])
        what = f"This database holds Airflow's tables ({names}); the lab does not write here."
        raise LabError(what, todo="Name another database of the server, an empty one.")


def _lock(connection: Connection[Any]) -> None:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
    if not row or not row[0]:
        what = "Another lab is at work in this database."
        raise LabError(what, todo="Wait for it, or name another database.")


def _mark(connection: Connection[Any]) -> str | None:
    """Return our mark when the schema is there.

    Raises
    ------
    LabError
        A schema of that name is there without the mark.
    """
    row = connection.execute(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s",
        (SCHEMA,),
    ).fetchone()
    if row is None:
        return None
    if row[0] != MARK:
        what = f"The database has a schema {SCHEMA} that the lab did not make."
        raise LabError(what, todo="Rename it, or name another database.")
    return MARK

"""What a scenario's SQL may reach in a database: the lab's own tables, and nothing that acts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.errors import LabError
from workbench.lab.plans import read_plan
from workbench.lab.statements import SCHEMA

if TYPE_CHECKING:
    from psycopg import Connection

CALLED = re.compile(r'(\w+)"?\(')
OWN = (SCHEMA, "pg_catalog", "")
HARMLESS = (
    "clock_timestamp",
    "gen_random_uuid",
    "random",
    "random_normal",
    "statement_timestamp",
    "timeofday",
    "uuidv4",
    "uuidv7",
)
"""Functions that may answer something else each time and change nothing."""
RESERVED = ("role", "search_path", "session_authorization", "session_replication_role")
"""Settings that would take the lab out of its own schema, or out of its own rights."""


def refuse_reach(
    connection: Connection[Any],
    statement: str,
    values: Mapping[str, Any] | None = None,
    *,
    what: str,
) -> None:
    """Ask for a statement's plan, and refuse what it would reach.

    Parameters
    ----------
    connection : psycopg.Connection
        A session of the lab.
    statement : str
        One statement, as the client writes it.
    values : mapping, optional
        Its parameters.
    what : str
        What to call it in an error, as ``The query``.

    Raises
    ------
    LabError
        It reads or writes a table outside the lab's own schema, or calls a function that may act.
    """
    # only the extended protocol, which binary answers ask for, refuses a second statement
    row = connection.execute(
        f"EXPLAIN (VERBOSE, FORMAT JSON) {statement}", values, binary=True
    ).fetchone()
    assert row is not None
    document = row[0][0]
    others = [f"{s}.{t}" for s, t in read_plan(document).relations if s not in OWN]
    if others:
        told = f"{what} touches {', '.join(others)}, outside the lab's own schema."
        raise LabError(told, right="SQL names the scenario's own tables, without a schema.")
    acting = _acting(connection, sorted(set(CALLED.findall(json.dumps(document)))))
    if acting:
        told = f"{what} calls {', '.join(acting)}, which may change something."
        raise LabError(told, right="SQL of a scenario computes values, and does nothing else.")


def refuse_settings(settings: Mapping[str, str]) -> None:
    """Refuse settings that would let a scenario out.

    Raises
    ------
    LabError
        One of them is reserved.
    """
    taken = [name for name in settings if name.lower() in RESERVED]
    if taken:
        what = f"The setting {', '.join(taken)} is not a scenario's to make."
        raise LabError(what, right="Settings are those that the planner looks at.")


def _acting(connection: Connection[Any], names: list[str]) -> list[str]:
    found = connection.execute(
        "SELECT DISTINCT proname::text FROM pg_proc WHERE provolatile = 'v' "
        "AND proname = ANY(%s) AND proname <> ALL(%s) ORDER BY 1",
        (names, list(HARMLESS)),
    ).fetchall()
    return [str(name) for (name,) in found]

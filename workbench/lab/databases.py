"""What the lab asks of a database, whichever it is, and how one is opened and left again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from workbench.lab.plans import Plan
from workbench.lab.programs import Origin
from workbench.lab.scenarios import Index, Scenario
from workbench.lab.statements import Numbers

Values = Mapping[str, Any]


class Database(Protocol):
    """An open database in which the lab may do as it likes, within a place of its own."""

    @property
    def label(self) -> str:
        """Name, version and where it came from; ``postgresql`` or ``sqlite`` is part of it."""
        ...

    @property
    def version(self) -> str:
        """Version of the server."""
        ...

    @property
    def settings(self) -> Mapping[str, str]:
        """What was set, and what a plan hangs on."""
        ...

    @property
    def is_postgresql(self) -> bool:
        """Whether there is a server whose time can be told from the client's."""
        ...

    def fill(self, scenario: Scenario, numbers: Numbers) -> None:
        """Make the tables anew, fill them, add their keys, and take statistics."""
        ...

    def add_index(self, index: Index, table: str) -> tuple[float, int]:
        """Build an index; return seconds and bytes."""
        ...

    def drop_index(self, index: Index) -> None:
        """Remove an index."""
        ...

    def values(self, expressions: Mapping[str, str], numbers: Numbers, repetition: int) -> Values:
        """Parameters of one repetition, computed by the database."""
        ...

    def timed(self, scenario: Scenario, values: Values) -> float:
        """Run the query, fetch all of its rows, undo it; return milliseconds."""
        ...

    def explain(self, scenario: Scenario, values: Values, *, analyze: bool) -> Plan:
        """Plan of the query; with ``analyze`` it runs, and is undone."""
        ...

    def generic_plan(self, scenario: Scenario, values: Values) -> Plan | None:
        """Plan that a prepared statement ends up with; None where there is no such thing."""
        ...

    def write_cost(self, scenario: Scenario, numbers: Numbers, rows: int) -> float:
        """Milliseconds to insert rows into the scenario's table; they are taken out again."""
        ...

    def set(self, settings: Mapping[str, str]) -> Mapping[str, str]:
        """Settings of this session; return what they were."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A database, how long it took to come up, and leftovers of killed labs that were removed."""

    database: Database
    start_seconds: float
    swept: int = 0


@contextmanager
def open_database(
    origin: Origin, *, say: Callable[[str], None] = lambda _: None
) -> Iterator[Opened]:
    """Open the database of an origin; nothing of it is left when the block ends."""
    if origin.kind == "sqlite":
        from workbench.lab.sqlite import SQLiteLab

        if origin.why_not:
            say(f"SQLite alone: {origin.why_not}")
        lab = SQLiteLab.open(why=origin.why_not)
        try:
            yield Opened(database=lab, start_seconds=0.0)
        finally:
            lab.close()
        return
    from workbench.lab.postgresql import connected

    if origin.dsn is not None:
        with connected(origin.dsn, origin=origin.name, own=False) as database:
            yield Opened(database=database, start_seconds=0.0)
        return
    from workbench.lab.own_server import own_server

    assert origin.bin_dir is not None
    with (
        own_server(origin.bin_dir) as server,
        connected(server.dsn, origin=origin.name, own=True) as database,
    ):
        yield Opened(database=database, start_seconds=server.seconds, swept=server.swept)

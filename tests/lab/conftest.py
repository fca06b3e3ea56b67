"""A PostgreSQL server for the tests that need one, in a folder that they can look into."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.errors import LabError
from workbench.lab.own_server import OwnServer, own_server
from workbench.lab.programs import find_origin


@pytest.fixture(scope="session")
def bin_dir() -> Path:
    """Programs of a server; where there are none, the tier says why and is skipped."""
    try:
        found = find_origin("postgresql").bin_dir
    except LabError as error:
        pytest.skip(str(error))
    assert found is not None
    return found


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder for servers: short, for their sockets, and passable for another user."""
    folder = Path(tempfile.mkdtemp(prefix="wl-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def server(bin_dir: Path) -> Iterator[OwnServer]:
    """One server for all tests that only connect."""
    with own_server(bin_dir) as found:
        yield found


@pytest.fixture
def dsn(server: OwnServer, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of that server."""
    import psycopg

    name = f"t{abs(hash(request.node.nodeid))}"
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield server.dsn.replace("dbname=postgres", f"dbname={name}")
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

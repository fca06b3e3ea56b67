"""Measurements as Parquet: a folder for each run, a folder in it for each size that is done."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import polars as pl

from workbench.domain.tables import Table
from workbench.errors import LabError, Place, WorkbenchError
from workbench.lab.frames import BUILDS, MEASUREMENTS, PLANS
from workbench.lab.ladders import Measured

TABLES: Mapping[str, Table] = {"measurements": MEASUREMENTS, "plans": PLANS, "builds": BUILDS}


@dataclass(slots=True, kw_only=True)
class Keeper:
    """One run's folder; it is held by a lock while the run goes on."""

    folder: Path
    lock: IO[str]
    about: dict[str, Any]
    done: tuple[int, ...] = ()

    def size(self, rows: int) -> Measured:
        """What an earlier, killed attempt at this run had measured."""
        here = _size_folder(self.folder, rows)
        return Measured(**{n: _kept(here / f"{n}.parquet", table) for n, table in TABLES.items()})

    def keep(self, rows: int, measured: Measured) -> None:
        """Write one size: all of it, or nothing."""
        target = _size_folder(self.folder, rows)
        with _enough_disk(target):
            made = Path(tempfile.mkdtemp(prefix=".half-", dir=self.folder))
            try:
                for name in TABLES:
                    getattr(measured, name).write_parquet(made / f"{name}.parquet")
                made.chmod(0o755)
                made.rename(target)
            finally:
                shutil.rmtree(made, ignore_errors=True)

    def finish(self, **fields: object) -> None:
        """Say that the run is whole."""
        with _enough_disk(self.folder):
            self.about |= {**fields, "finished_utc": _now()}
            _write_json(self.folder / "run.json", self.about)

    def close(self) -> None:
        """Let the folder go; another lab may go on with what is not finished."""
        self.lock.close()


def open_keeper(home: Path, identity: Mapping[str, object]) -> Keeper:
    """Go on with a run of the same identity that was cut off, or begin a new one.

    Parameters
    ----------
    home : pathlib.Path
        The folder ``measurements``.
    identity : mapping
        All that two runs must share to be one: scenario and its digest, engine, sizes, profiles,
        settings.
    """
    text = json.dumps(identity, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    base = home / str(identity["scenario"])
    with _enough_disk(base):
        for folder in sorted(base.glob(f"*-{digest}"), reverse=True):
            about = _read_json(folder / "run.json")
            if about is None or "finished_utc" in about:
                continue
            lock = _locked(folder)
            if lock is None:
                continue
            for half in folder.glob(".half-*"):
                shutil.rmtree(half, ignore_errors=True)
            done = sorted(int(each.name[5:]) for each in folder.glob("rows-" + "[0-9]" * 9))
            return Keeper(folder=folder, lock=lock, about=about, done=tuple(done))
        folder = base / f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{digest}"
        folder.mkdir(parents=True)
        about = {**identity, "started_utc": _now()}
        _write_json(folder / "run.json", about)
        lock = _locked(folder)
    assert lock is not None
    return Keeper(folder=folder, lock=lock, about=about)


def read_measurements(home: str | Path, *, scenario: str | None = None) -> pl.DataFrame:
    """Every measurement that was kept, of runs that are whole and of others.

    Parameters
    ----------
    home : str or pathlib.Path
        The folder ``measurements``.
    scenario : str, optional
        Only of this scenario.

    Returns
    -------
    polars.DataFrame
        As declared in :data:`workbench.lab.frames.MEASUREMENTS`, and ``run``, the run's folder.

    Raises
    ------
    LabError
        A file is not what the lab has kept.
    """
    frames = []
    for path in sorted(Path(home).glob(f"{scenario or '*'}/*/rows-*/measurements.parquet")):
        frame = _kept(path, MEASUREMENTS)
        frames.append(frame.with_columns(run=pl.lit(path.parent.parent.name)))
    empty = MEASUREMENTS.empty().with_columns(run=pl.lit(None, pl.String))
    return pl.concat([empty, *frames])


def _kept(path: Path, declared: Table) -> pl.DataFrame:
    try:
        return declared.check(pl.read_parquet(path))
    except (OSError, WorkbenchError, pl.exceptions.PolarsError) as error:
        what = "A kept measurement cannot be read."
        todo = "Delete its folder, and run the lab again."
        raise LabError(what, where=Place(path=str(path)), todo=todo) from error


def _size_folder(folder: Path, rows: int) -> Path:
    return folder / f"rows-{rows:09d}"


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _write_json(path: Path, document: Mapping[str, object]) -> None:
    half = path.with_suffix(".half")
    half.write_text(json.dumps(document, indent=1, default=str), encoding="utf-8")
    half.replace(path)


def _locked(folder: Path) -> IO[str] | None:
    """Hold the folder's lock; None when another lab holds it."""
    try:
        import fcntl
    except ImportError:
        return (folder / "lock").open("a")
    lock = (folder / "lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


@contextmanager
def _enough_disk(path: Path) -> Iterator[None]:
    """Say in an error of ours that the measurements could not be written."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        why = "the disk is full" if full else os.strerror(error.errno or 0)
        what = f"Measurements cannot be kept: {why}."
        todo = "Sizes that are done stay; free some space and run the lab again."
        raise LabError(what, where=Place(path=str(path)), todo=todo) from error

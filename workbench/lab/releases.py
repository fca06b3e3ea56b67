"""Released Airflow in an environment of its own: made once from its lock, and kept."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import LabError, Place

LOCKS = Path(__file__).parent / "locks"
PROGRAMS = Path(__file__).parent / "inside_airflow"
INSTALL_SECONDS = 900
ANSWER = "LAB "
HOMES = "workbench-airflow-"
VERSION = re.compile(r"\d+\.\d+\.\d+")
DRIVERS = ("psycopg2-binary", "asyncpg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The Python of a release, and where it stands."""

    release: str
    python: Path
    folder: Path

    def run(
        self,
        program: str,
        job: Mapping[str, object],
        *,
        database: str | None = None,
        seconds: float = 1800,
    ) -> Any:
        """Run one of our programs in it and return its answer.

        Parameters
        ----------
        program : str
            Name of a file beside :mod:`workbench.lab.inside_airflow`.
        job : mapping
            What the program reads, as JSON.
        database : str, optional
            SQLAlchemy's address of the database; a new SQLite file by default.
        seconds : float
            How long it may take.

        Raises
        ------
        LabError
            The program failed or took too long; its last words are in the message.
        """
        with _home() as home:
            environment = _environment(home, database)
            command = [str(self.python), str(PROGRAMS / f"{program}.py")]
            try:
                done = subprocess.run(
                    command,
                    input=json.dumps(job),
                    env=environment,
                    cwd=home,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=seconds,
                )
            except subprocess.TimeoutExpired as error:
                what = f"Airflow {self.release} took longer than {seconds:g} s."
                raise LabError(what, todo="Ask for fewer task instances or rows.") from error
        answers = [x for x in done.stdout.splitlines() if x.startswith(ANSWER)]
        if done.returncode or not answers:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]
            what = f"Airflow {self.release} failed: {' | '.join(said)}"
            raise LabError(what, where=Place(path=str(self.folder)))
        return json.loads(answers[-1].removeprefix(ANSWER))


@contextmanager
def _home() -> Iterator[Path]:
    """Give an empty folder that is gone afterwards; those of killed runs are removed first."""
    from workbench.lab.keeper import own_folder, sweep

    base = Path(tempfile.gettempdir())
    sweep(base, prefix=HOMES)
    folder, lock = own_folder(base, prefix=HOMES)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _environment(home: Path, database: str | None) -> dict[str, str]:
    """The variables a run sees: nothing of the user's own Airflow."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "PYTHON"))}
    own = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database or f"sqlite:///{home / 'airflow.db'}",
    }
    return kept | own


def known_releases() -> tuple[str, ...]:
    """Releases whose lock comes with the package."""
    return tuple(sorted(path.stem for path in LOCKS.glob("*.txt")))


def open_release(
    release: str, *, cache: Path | None = None, say: Callable[[str], None] = lambda _: None
) -> Environment:
    """Return a release's environment; it is made when it is not there.

    Parameters
    ----------
    release : str
        Version of ``apache-airflow-core``. Its lock comes with the package, or is resolved now
        and kept beside the environment.
    cache : pathlib.Path, optional
        Where environments are kept: ``workbench/airflow`` in the user's cache folder.

    Raises
    ------
    LabError
        It is no version, or cannot be installed; the installer's words are in the message.
    """
    if not VERSION.fullmatch(release):
        what = f"{release!r} is no release of Airflow."
        raise LabError(what, right="A release is three numbers, as 3.1.7.")
    home = (cache or _cache()) / release
    shipped = LOCKS / f"{release}.txt"
    lock = shipped if shipped.exists() else home.with_name(f"{release}.lock.txt")
    if not lock.exists():
        say(f"resolving Airflow {release}")
        _resolve(release, lock)
    digest = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = home.with_name(f"{release}-{digest}")
    if not (folder / "installed").exists():
        say(f"installing Airflow {release} into {folder}")
        _install(folder, lock, release)
    bin_name = "Scripts" if os.name == "nt" else "bin"
    return Environment(release=release, python=folder / bin_name / "python", folder=folder)


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "workbench" / "airflow"


def _uv() -> str | None:
    """The program uv, beside this Python, or on the path."""
    return shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")


def _resolve(release: str, lock: Path) -> None:
    """Write down what a release is installed with; later runs install just that."""
    uv = _uv()
    if uv is None:
        what = f"The lock of Airflow {release} does not come with the workbench, and needs uv."
        raise LabError(what, todo=f"pip install uv, or take one of {', '.join(known_releases())}.")
    lock.parent.mkdir(parents=True, exist_ok=True)
    wanted = "\n".join([f"apache-airflow-core=={release}", *DRIVERS]) + "\n"
    resolved = _call(
        [uv, "pip", "compile", "-q", "--no-header", "--no-annotate", "-p", sys.executable, "-"],
        release,
        given=wanted,
    )
    lock.write_text(resolved, encoding="utf-8")


def _install(folder: Path, lock: Path, release: str) -> None:
    """Make the environment; the file at the end says that it is whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    uv = _uv()
    python = folder / "bin" / "python"
    if uv:
        steps = [
            [uv, "venv", "-q", "-p", sys.executable, str(folder)],
            [uv, "pip", "install", "-q", "-p", str(python), "-r", str(lock)],
        ]
    else:
        pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        steps = [[sys.executable, "-m", "venv", str(folder)], [*pip, "-r", str(lock)]]
    try:
        for command in steps:
            _call(command, release)
    except LabError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    (folder / "installed").touch()


def _call(command: list[str], release: str, *, given: str | None = None) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
    try:
        done = subprocess.run(
            command,
            input=given,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=INSTALL_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        what = f"Airflow {release} cannot be installed: {error}"
        raise LabError(what) from error
    if done.returncode:
        said = " | ".join(done.stderr.strip().splitlines()[-3:])
        what = f"Airflow {release} cannot be installed: {said}"
        raise LabError(what, todo="Is the package index reachable?")
    return done.stdout

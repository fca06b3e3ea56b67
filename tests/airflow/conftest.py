"""A real Airflow in an environment of its own, made once and kept in pytest's cache."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LOCK = HERE / "requirements.txt"
INSTALL_SECONDS = 900
RUN_SECONDS = 600


@dataclass(frozen=True)
class Airflow:
    """The Python of an Airflow, and a home with an empty database."""

    python: Path
    home: Path

    def run(self, dags: Path, work: Path, names: Mapping[str, int]) -> dict[str, list[str]]:
        """Run DAG files of a folder as often as said; return the states of the runs."""
        words = [f"{name}:{runs}" for name, runs in names.items()]
        done = self._call(
            [str(self.python), str(HERE / "run_dags.py"), *words],
            AIRFLOW__CORE__DAGS_FOLDER=str(dags),
            PYTHONPATH=str(dags),
            WORK_FOLDER=str(work),
        )
        lines = [x for x in done.stdout.splitlines() if x.startswith("RESULT ")]
        results = [json.loads(line.removeprefix("RESULT ")) for line in lines]
        assert len(results) == len(names), done.stdout[-3000:] + done.stderr[-3000:]
        return {result["dag"]: result["states"] for result in results}

    def migrate(self) -> None:
        """Make the database."""
        done = self._call([str(self.python.with_name("airflow")), "db", "migrate"])
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    def _call(self, words: list[str], **more: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW")},
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            **more,
        }
        return subprocess.run(
            words,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=RUN_SECONDS,
        )


@pytest.fixture(scope="session")
def airflow(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """Airflow as the lock says; where it cannot be installed, the tier says why and is skipped."""
    python = installed(request, LOCK)
    found = Airflow(python=python, home=tmp_path_factory.mktemp("airflow-home"))
    found.migrate()
    return found


def installed(request: pytest.FixtureRequest, lock: Path) -> Path:
    """The Python of an Airflow as a lock says, made once and kept in pytest's cache."""
    digest = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:12]
    cache = request.config.cache
    assert cache is not None
    folder = cache.mkdir("airflow") / digest
    if not (folder / "installed").exists():
        _install(folder, lock)
    return folder / "bin" / "python"


def _install(folder: Path, lock: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    steps = [
        [sys.executable, "-m", "venv", str(folder)],
        [
            *(str(folder / "bin" / "python"), "-m", "pip", "install", "-q"),
            *("--disable-pip-version-check", "--retries", "1", "--timeout", "20"),
            *("-r", str(lock)),
        ],
    ]
    for step in steps:
        try:
            done = subprocess.run(
                step, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS
            )
        except subprocess.TimeoutExpired:
            pytest.skip(f"Airflow did not install in {INSTALL_SECONDS} s")
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            pytest.skip("Airflow cannot be installed: " + (errors or ["pip says nothing"])[-1])
    (folder / "installed").touch()

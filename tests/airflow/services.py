"""An Airflow 3.1 that really schedules: API server, scheduler and DAG processor on SQLite."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVICES = (("dag-processor",), ("scheduler",))
TASKS = 12
ENDED = ("success", "failed", "skipped", "upstream_failed")
LONGEST_SECONDS = 240.0


@dataclass(frozen=True)
class Running:
    """Where its API answers, and its home."""

    address: str
    home: Path

    @property
    def database(self) -> Path:
        return self.home / "airflow.db"

    def states(self) -> dict[str, str | None]:
        """Each task's state, as the database has it."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10) as connection:
            rows = connection.execute("SELECT task_id, state FROM task_instance").fetchall()
        return dict(rows)

    def wait(self) -> dict[str, str | None]:
        """Wait until every task but the one that never starts has ended."""
        until = time.monotonic() + LONGEST_SECONDS
        states: dict[str, str | None] = {}
        while time.monotonic() < until:
            states = self.states()
            left = [name for name, state in states.items() if state not in ENDED]
            if len(states) == TASKS and left == ["never"]:
                return states
            time.sleep(1)
        raise AssertionError(f"not over after {LONGEST_SECONDS} s: {states}")


def _answers(port: int) -> None:
    until = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError("the API server does not answer")


@contextmanager
def services(python: Path, home: Path, environment: Mapping[str, str]) -> Iterator[Running]:
    """Start the three services, and stop them and their children however it ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    given = {**environment, "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/"}
    airflow = str(python.with_name("airflow"))
    every = (("api-server", "--port", str(port), "--workers", "1"), *SERVICES)
    started: list[subprocess.Popen[bytes]] = []
    try:
        for words in every:
            if started:
                # a task that cannot reach it dies in the hands of the executor
                _answers(port)
            with (home / f"{words[0]}.log").open("wb") as log:
                started.append(
                    subprocess.Popen(
                        [airflow, *words],
                        env=given,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                    )
                )
        yield Running(address=address, home=home)
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGTERM)
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(20)

# ruff: noqa: C901, DTZ001
"""Ten tasks that fail, each in its own way; one that works; one that never starts."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from datetime import datetime, timedelta

from airflow.exceptions import AirflowFailException
from airflow.sdk import dag, task

PLANTED = "Pl4nted-" + "canary-71"


class Silent(Exception):  # noqa: N818
    def __str__(self):
        raise RuntimeError("an exception that cannot be shown")


@dag(schedule="@once", start_date=datetime(2026, 1, 1), catchup=False)
def ten_ways():
    @task
    def plain():
        raise ValueError("no rows for 2026-01-01")

    @task
    def chained():
        try:
            {}["qty"]
        except KeyError as gone:
            raise LookupError("the feed lacks a column") from gone

    @task
    def grouped():
        raise ExceptionGroup("2 partitions failed", [ValueError("p=1"), OSError("p=2")])

    @task
    def leaking():
        raise ConnectionError(f"cannot open postgresql://etl:{PLANTED}@db.example:5432/wh")

    @task(execution_timeout=timedelta(seconds=2))
    def slow():
        time.sleep(60)

    @task
    def killed():
        os.kill(os.getpid(), signal.SIGKILL)

    @task
    def command():
        subprocess.run(["/bin/sh", "-c", "echo gone >&2; exit 7"], check=True)

    @task(retries=3)
    def final():
        raise AirflowFailException("contract check: 0 rows")

    @task(retries=1, retry_delay=timedelta(seconds=1))
    def twice():
        raise TimeoutError("the service did not answer")

    @task
    def silent():
        raise Silent

    @task
    def fine():
        return 1

    @task(pool="no_such_pool")
    def never():
        return 1

    for each in (plain, chained, grouped, leaking, slow, killed, command, final, twice, silent):
        each()
    fine()
    never()


ten_ways()

"""How often released Airflow asks its database: the scheduler's own step, counted by call site."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from workbench.errors import LabError
from workbench.lab.frames import CALLS
from workbench.lab.releases import open_release

MOST_TASKS = 100_000


def count_calls(
    release: str,
    *,
    task_instances: int = 200,
    positions: Sequence[int] = (0,),
    dag_runs: int = 1,
    history_rows: int = 0,
    database: str | None = None,
    sites: bool = True,
    cache: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> pl.DataFrame:
    """Run ``DagRun.update_state`` of a release and count what it asks.

    Parameters
    ----------
    release : str
        Version of ``apache-airflow-core``; it runs in an environment of its own.
    task_instances : int
        Task instances of a DAG run: sensors in reschedule mode, and empty tasks behind them.
    positions : sequence of int
        Where the waiting sensors stand among the task instances, from 0. It decides how much of
        3.1.7's shared context goes wrong: the calls are the instances from the first one on.
    dag_runs : int
        DAG runs that are looked at, one after the other.
    history_rows : int
        Rows of old runs in ``task_reschedule``, about a hundred for each old task instance.
    database : str, optional
        SQLAlchemy's address of an empty PostgreSQL database, or of one that an earlier call with
        as many task instances filled, which is not filled again; a new SQLite file by default.
    sites : bool
        Whether call sites are told; without them counting costs half.

    Returns
    -------
    polars.DataFrame
        As declared in :data:`workbench.lab.frames.CALLS`, most calls first.

    Raises
    ------
    LabError
        A number is impossible, or the release cannot be installed or run.

    Notes
    -----
    The step is undone afterwards. What counting itself costs is in ``step_seconds``: some 0.02 ms
    a statement, 0.05 ms with call sites.
    """
    first = min(positions, default=-1)
    wrong = [
        text
        for fits, text in (
            (1 <= task_instances <= MOST_TASKS, f"task_instances is {task_instances}"),
            (first >= 0 and max(positions) < task_instances, f"positions are {list(positions)}"),
            (1 <= dag_runs <= 1000, f"dag_runs is {dag_runs}"),
            (history_rows >= 0, f"history_rows is {history_rows}"),
        )
        if not fits
    ]
    if wrong:
        what = f"Nothing can be counted: {', '.join(wrong)}."
        right = "There is at least one task instance and one run, and sensors stand among them."
        raise LabError(what, right=right)
    environment = open_release(release, cache=cache, say=say)
    job = {
        "task_instances": task_instances,
        "positions": sorted(positions),
        "dag_runs": dag_runs,
        "history_rows": history_rows,
        "sites": sites,
    }
    answer = environment.run("step", job, database=database)
    rows = [
        {
            "release": release,
            "database": answer["dialect"],
            "task_instances": task_instances,
            "position": first,
            "history_rows": answer["history_rows"],
            "step_seconds": run["seconds"],
            **statement,
        }
        for run in answer["runs"]
        for statement in run["statements"]
    ]
    order = ["calls", "total_ms", "statement"]
    return CALLS.check(CALLS.frame(rows).sort(order, descending=[True, True, False]))


def calls_per_run(calls: pl.DataFrame, *, table: str = "task_reschedule") -> pl.DataFrame:
    """Calls to one table for each run of each release, and their seconds.

    Returns
    -------
    polars.DataFrame
        release, run, calls, seconds (of those calls), step_seconds (of the whole step).
    """
    of_table = pl.col("table_name") == table
    return (
        CALLS.check(calls)
        .group_by("release", "run")
        .agg(
            calls=pl.col("calls").filter(of_table).sum(),
            seconds=pl.col("total_ms").filter(of_table).sum() / 1000,
            step_seconds=pl.col("step_seconds").first(),
        )
        .sort("release", "run")
    )

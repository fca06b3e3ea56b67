"""What waits behind a task that is retried, or is lost with it: the DAG around a failed task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

RUNS_ANYWAY = frozenset(
    (
        "all_done", "all_done_min_one_success", "all_done_setup_success", "all_failed", "always",
        "dummy", "none_skipped", "one_done", "one_failed", "one_success",
    )
)  # fmt: skip
"""Trigger rules under which a task may run though one that it waits for failed."""
TASK_NAME = ("site", "dag_id", "task_id")
Name = tuple[str | None, str, str]
BEHIND = {
    "site": pl.String,
    "dag_id": pl.String,
    "task_id": pl.String,
    "behind": pl.String,
    "is_lost": pl.Boolean,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """Of each task those that wait for it, and the tasks that run whatever becomes of others."""

    behind: Mapping[Name, tuple[str, ...]]
    anyway: frozenset[Name]

    def reached(self, task: Name) -> dict[str, bool]:
        """Every task that waits for one, however far behind; and whether it is lost with it."""
        found: dict[str, bool] = {}
        open_ = [(task, True)]
        while open_:
            (site, dag, name), is_lost = open_.pop()
            for each in self.behind.get((site, dag, name), ()):
                lost = is_lost and (site, dag, each) not in self.anyway
                # seen again, a task is looked at anew only when more is known of it
                if each != task[2] and (each not in found or (lost and not found[each])):
                    found[each] = lost
                    open_.append(((site, dag, each), lost))
        return found


def structure_of(dependencies: pl.DataFrame) -> Structure:
    """Return the structure of DAGs.

    Parameters
    ----------
    dependencies : polars.DataFrame
        As TASK_DEPENDENCIES declares: ``site, dag_id, task_id, downstream_task_id, trigger_rule``.
    """
    edges = dependencies.filter(pl.col("downstream_task_id") != "").unique(
        [*TASK_NAME, "downstream_task_id"]
    )
    grouped = edges.group_by(TASK_NAME).agg(pl.col("downstream_task_id").sort())
    ruled = dependencies.filter(pl.col("trigger_rule").is_in(list(RUNS_ANYWAY)))
    return Structure(
        behind={(site, dag, task): tuple(names) for site, dag, task, names in grouped.iter_rows()},
        anyway=frozenset(ruled.select(TASK_NAME).unique().iter_rows()),
    )


def waiting(tries: pl.DataFrame, dependencies: pl.DataFrame) -> pl.DataFrame:
    """Count by fault the tasks that retries keep waiting, and those that are lost in the end.

    A task of a run that waits for several failed ones waits for the last of them, and counts once.

    Parameters
    ----------
    tries : polars.DataFrame
        A row a task that failed: ``fault, dag_id, run_id, task_id``, ``site`` if it is known,
        ``waited_seconds`` (from its failure to the end of its last retry; null when it had none)
        and ``given_up``.
    dependencies : polars.DataFrame
        As TASK_DEPENDENCIES declares. Of a DAG that is not in it nothing is counted.

    Returns
    -------
    polars.DataFrame
        ``fault, tasks_held, held_seconds, tasks_lost``; faults with nothing behind are left out.
    """
    named = tries if "site" in tries.columns else tries.with_columns(site=pl.lit(None, pl.String))
    named = named.drop_nulls(["dag_id", "run_id", "task_id"])
    structure = structure_of(dependencies)
    rows = [
        (*task, behind, is_lost)
        for task in named.select(TASK_NAME).unique().sort(TASK_NAME).iter_rows()
        for behind, is_lost in structure.reached(task).items()
    ]
    reached = pl.DataFrame(rows, schema=BEHIND, orient="row")
    lost = pl.col("is_lost") & pl.col("given_up")
    return (
        named.join(reached, on=TASK_NAME, nulls_equal=True)
        .group_by("fault", "site", "dag_id", "run_id", "behind")
        .agg(waited=pl.col("waited_seconds").max(), lost=lost.any())
        .group_by("fault")
        .agg(
            tasks_held=pl.col("waited").is_not_null().sum().cast(pl.Int64),
            held_seconds=pl.col("waited").sum().cast(pl.Float64),
            tasks_lost=pl.col("lost").sum().cast(pl.Int64),
        )
        .sort("fault")
    )

"""A retry policy replayed over history: what it would have saved, and its cascade."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from workbench.analysis.failures.waiting import waiting
from workbench.errors import WorkbenchError

TASK = ("dag_id", "run_id", "task_id", "map_index")
BEHIND = ("tasks_held", "held_seconds", "tasks_lost")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often a failed try is repeated, and how long after.

    ``delay_seconds`` before the first retry, times ``backoff`` before each further one, never more
    than ``most_delay_seconds``; ``run_seconds`` is what a try costs a worker.
    """

    retries: int = 3
    delay_seconds: float = 300.0
    backoff: float = 1.0
    most_delay_seconds: float = 86_400.0
    run_seconds: float = 60.0

    def __post_init__(self) -> None:
        if not 0 <= self.retries <= 1_000:
            raise WorkbenchError(f"{self.retries} retries.", right="From 0 to 1,000.")
        for name in ("delay_seconds", "most_delay_seconds", "run_seconds"):
            if not 0 < getattr(self, name) < float("inf"):
                raise WorkbenchError(f"{name} is {getattr(self, name)}.", right="More than 0.")
        if not 1 <= self.backoff <= 100:
            raise WorkbenchError(f"backoff is {self.backoff}.", right="From 1 to 100.")

    def offsets(self) -> list[float]:
        """Seconds from the failure to the start of each retry."""
        at, made = 0.0, []
        for number in range(self.retries):
            at += min(self.delay_seconds * self.backoff**number, self.most_delay_seconds)
            made.append(at + number * self.run_seconds)
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRun:
    """What a policy would have done.

    ``faults`` has a row a fault: ``fault, failures`` (tasks that failed), ``episodes, rescued,
    given_up, retries, retries_failed, wasted_seconds, most_at_once`` (retries of it that run within
    one another's time), ``most_failures_at_once`` (the same of the first tries alone); and where
    the DAGs' structure is known ``tasks_held`` (tasks that wait, in their runs, for one that is
    retried), ``held_seconds`` (how long they do, together) and ``tasks_lost`` (those that never run
    because one before them is given up).
    """

    faults: pl.DataFrame
    policy: RetryPolicy

    @property
    def totals(self) -> dict[str, float]:
        """The same for all faults; ``amplification`` is tries with retries over tries without."""
        names = ("failures", "rescued", "given_up", "retries", "retries_failed", "wasted_seconds")
        known = [name for name in BEHIND if name in self.faults.columns]
        summed = {name: float(self.faults[name].sum()) for name in (*names, *known)}
        tries = summed["failures"]
        most = self.faults["most_at_once"].max()
        return {
            **summed,
            "most_at_once": float(most) if isinstance(most, int) else 0.0,
            "amplification": (tries + summed["retries"]) / tries if tries else 1.0,
        }


def simulate_retries(
    failures: pl.DataFrame,
    policy: RetryPolicy | None = None,
    *,
    lasting: frozenset[str] = frozenset(),
    quiet_seconds: float = 3_600.0,
    dependencies: pl.DataFrame | None = None,
) -> RetryRun:
    """Replay a policy over history and count what it would have caused.

    A fault is taken to last from the first failure of an episode to its last one; an episode ends
    when the fault was not seen for ``quiet_seconds``. A retry within it fails again, one after it
    succeeds: the history knows no more. What a failed retry does to others is that it takes a
    worker's time and, where ``dependencies`` are known, that what comes behind its task waits; so
    the cascade is a lower bound.

    Parameters
    ----------
    failures : polars.DataFrame
        ``failure_id, at_utc, fault`` (for example the cluster) and, if known, ``dag_id, run_id,
        task_id, map_index``: of several tries of one task only the first is taken.
    policy : RetryPolicy, optional
        Three retries, five minutes apart, unless given.
    lasting : frozenset of str
        Faults that no retry mends, however late: a code bug, a missing connection.
    quiet_seconds : float
        How long a fault has to be away to be over.
    dependencies : polars.DataFrame, optional
        The structure of the DAGs, as TASK_DEPENDENCIES declares (``bench.table(
        "task_dependencies")``); without it nothing is said of the tasks behind a failed one.
    """
    chosen = policy or RetryPolicy()
    seen = _first_tries(failures)
    begins = (
        (pl.col("at_utc").diff() > pl.duration(seconds=quiet_seconds)).fill_null(value=True)
    ).over("fault")
    episodes = seen.sort("fault", "at_utc", "failure_id").with_columns(
        episode=begins.cum_sum().over("fault")
    )
    until = pl.col("at_utc").max().over("fault", "episode")
    left = (until - pl.col("at_utc")).dt.total_microseconds() / 1e6
    ends = pl.when(pl.col("fault").is_in(list(lasting))).then(float("inf")).otherwise(left)
    tries = episodes.with_columns(left=ends, task=pl.int_range(pl.len()))
    retries = _retries(tries, chosen)
    faults = _by_fault(tries, retries, chosen)
    if dependencies is not None:
        faults = faults.join(
            waiting(_waits(tries, retries, chosen), dependencies),
            on="fault",
            how="left",
            maintain_order="left",
        ).with_columns(pl.col(BEHIND).fill_null(0))
    return RetryRun(faults=faults, policy=chosen)


def _first_tries(failures: pl.DataFrame) -> pl.DataFrame:
    """One row a task that failed: the tries after the first were retries already."""
    dated = failures.drop_nulls(["at_utc", "fault"]).sort("at_utc", "failure_id")
    known = [name for name in TASK if name in dated.columns]
    if len(known) < len(TASK):
        return dated
    named = pl.all_horizontal(pl.col(name).is_not_null() for name in TASK)
    firsts = dated.filter(named).unique(TASK, keep="first", maintain_order=True)
    return pl.concat([firsts, dated.filter(~named)])


def _retries(tries: pl.DataFrame, policy: RetryPolicy) -> pl.DataFrame:
    """Every retry until the first that succeeds: ``task, fault, at_utc, failed``."""
    offsets = pl.DataFrame({"offset": policy.offsets()}, schema={"offset": pl.Float64})
    return (
        tries.select("task", "fault", "at_utc", "left")
        .join(offsets.with_row_index("number"), how="cross")
        .with_columns(failed=pl.col("offset") <= pl.col("left"))
        .sort("task", "number")
        # nobody retries what has succeeded
        .filter(pl.col("failed") | ((~pl.col("failed")).cum_sum().over("task") == 1))
        .select(
            "task",
            "fault",
            "failed",
            at_utc=pl.col("at_utc") + pl.duration(microseconds=pl.col("offset") * 1e6),
        )
    )


def _waits(tries: pl.DataFrame, retries: pl.DataFrame, policy: RetryPolicy) -> pl.DataFrame:
    """The tasks that failed, with how long each was retried and whether it was given up."""
    unnamed = [name for name in TASK if name not in tries.columns]
    ends = retries.group_by("task").agg(
        last=pl.col("at_utc").max(), rescued=(~pl.col("failed")).any()
    )
    seconds = (pl.col("last") - pl.col("at_utc")).dt.total_microseconds() / 1e6
    return (
        tries.join(ends, on="task", how="left")
        .with_columns(
            *(pl.lit(None, pl.String).alias(name) for name in unnamed),
            waited_seconds=seconds + policy.run_seconds,
            given_up=~pl.col("rescued").fill_null(value=False),
        )
        .drop("task", "last", "rescued")
    )


def _by_fault(tries: pl.DataFrame, retries: pl.DataFrame, policy: RetryPolicy) -> pl.DataFrame:
    counted = tries.group_by("fault").agg(
        failures=pl.len().cast(pl.Int64), episodes=pl.col("episode").n_unique().cast(pl.Int64)
    )
    saved = retries.filter(~pl.col("failed")).group_by("fault").agg(rescued=pl.len())
    again = retries.group_by("fault").agg(retries=pl.len(), retries_failed=pl.col("failed").sum())
    return (
        counted.join(saved, on="fault", how="left")
        .join(again, on="fault", how="left")
        .join(_at_once(retries, policy, "most_at_once"), on="fault", how="left")
        .join(_at_once(tries, policy, "most_failures_at_once"), on="fault", how="left")
        .with_columns(
            pl.col(
                "rescued", "retries", "retries_failed", "most_at_once", "most_failures_at_once"
            )
            .fill_null(0)
            .cast(pl.Int64)
        )
        .with_columns(
            given_up=pl.col("failures") - pl.col("rescued"),
            wasted_seconds=pl.col("retries_failed") * policy.run_seconds,
        )
        .sort("retries_failed", "failures", "fault", descending=[True, True, False])
        .select(
            "fault", "failures", "episodes", "rescued", "given_up", "retries", "retries_failed",
            "wasted_seconds", "most_at_once", "most_failures_at_once",
        )
    )  # fmt: skip


def _at_once(tries: pl.DataFrame, policy: RetryPolicy, name: str) -> pl.DataFrame:
    """The most tries of a fault that run within one another's time."""
    if tries.is_empty():
        return pl.DataFrame(schema={"fault": pl.String, name: pl.Int64})
    during = tries.sort("at_utc").rolling(
        index_column="at_utc",
        period=f"{max(1, round(policy.run_seconds * 1e6))}us",
        group_by="fault",
    )
    return during.agg(running=pl.len()).group_by("fault").agg(pl.col("running").max().alias(name))

"""Figures that the scale models begin with, each with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A default value, its unit and its source."""

    value: float
    unit: str
    source: str


ACCOUNT = "the public account of the February 2026 incident"
CONFIG = "Airflow's config.yml"
CHART = "Airflow's Helm chart, values.yaml"
KUBERNETES = "Kubernetes, container restart policy"
DEFAULTS: dict[str, Cited] = {
    "n_tis": Cited(value=2_000, unit="task instances a DAG run", source=ACCOUNT),
    "n_dagruns": Cited(
        value=20,
        unit="DAG runs a loop",
        source=f"[scheduler] max_dagruns_per_loop_to_schedule = 20 in {CONFIG}",
    ),
    "per_query_seconds": Cited(value=0.34, unit="s", source=ACCOUNT),
    "indexed_query_seconds": Cited(
        value=0.000_019, unit="s", source=f"{ACCOUNT}: 0.019 ms with the composite index"
    ),
    "history_rows": Cited(value=900_000, unit="rows", source=f"{ACCOUNT}: 900,000 rows scanned"),
    "limit_seconds": Cited(
        value=120,
        unit="s",
        source=f"{ACCOUNT}: liveness threshold; [scheduler] scheduler_health_check_threshold is "
        f"30 in {CONFIG}",
    ),
    "calls_per_ti": Cited(
        value=1.0,
        unit="queries a task instance",
        source="counted in Airflow 3.1.7: 1,999 queries for 2,000 task instances",
    ),
    "python_seconds_per_ti": Cited(
        value=0.0,
        unit="s",
        source="0.0 means not modelled; released schedulers took 0.5 to 1 ms, and "
        "apache/airflow#31185 says 1 to 2 ms",
    ),
    "round_trip_seconds": Cited(
        value=0.0,
        unit="s",
        source="0.0 means not modelled; over a local socket 0.1 ms were measured",
    ),
    "reschedule_tis": Cited(
        value=1,
        unit="task instances",
        source="one sensor in reschedule mode is enough for the leak of apache/airflow#59604",
    ),
    "position": Cited(
        value=0,
        unit="task instances",
        source="the worst case: the sensor comes first; rows come in the table's physical order, "
        "because the query for them has no ORDER BY",
    ),
    "probe_period_seconds": Cited(
        value=60, unit="s", source=f"scheduler.livenessProbe.periodSeconds in {CHART}"
    ),
    "probe_failures": Cited(
        value=5, unit="checks", source=f"scheduler.livenessProbe.failureThreshold in {CHART}"
    ),
    "probe_grace_seconds": Cited(
        value=0,
        unit="s",
        source=f"an assumption; scheduler.livenessProbe.initialDelaySeconds is 10 in {CHART}",
    ),
    "start_seconds": Cited(
        value=30,
        unit="s",
        source=f"an assumption; scheduler.startupProbe allows 60 s in {CHART}",
    ),
    "back_off_seconds": Cited(value=10, unit="s", source=f"{KUBERNETES}: 10 s, doubling"),
    "longest_back_off_seconds": Cited(value=300, unit="s", source=f"{KUBERNETES}: at most 300 s"),
    "back_off_reset_seconds": Cited(
        value=600, unit="s", source=f"{KUBERNETES}: begins anew after ten minutes without a crash"
    ),
    "jitter": Cited(
        value=0.05,
        unit="relative standard deviation of a loop's duration",
        source="an assumption: loops of one size scatter by a twentieth",
    ),
    "horizon_seconds": Cited(value=57_600, unit="s", source=f"{ACCOUNT}: 16 hours"),
}


def default(name: str) -> float:
    """The value of a default."""
    return DEFAULTS[name].value

"""Retries that wait longer than what they need is kept: the risk of doing the work twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from workbench.analysis.dag_rules.durations import INFINITE
from workbench.analysis.dag_rules.retries import Keeps, RetrySetting
from workbench.domain.history import Severity

DAY = 86400.0
UNITS = ((DAY, "day"), (3600.0, "hour"), (60.0, "minute"), (1.0, "second"))

Value = int | bool | str | None
Risk = tuple[RetrySetting, Severity, str, str]


def retry_risks(retries: Sequence[RetrySetting], values: Mapping[str, Value]) -> Iterator[Risk]:
    """Yield each task whose next try may find its state expired, with what that means.

    A single wait beyond the retention always is such a case. The sum of all waits is one where the
    key is written once: the mixin keeps the id of a job when it submits it and never again.
    """
    days = _number(values, "[state_store] default_retention_days", 30)
    configured = INFINITE if days <= 0 else days * DAY
    for one in retries:
        longest, total = one.waits(
            retries=int(_number(values, "[core] default_task_retries", 0)),
            delay_seconds=_number(values, "[core] default_task_retry_delay", 300),
            most_delay_seconds=_number(values, "[core] max_task_retry_delay", 86400),
        )
        kept = configured if one.retention_seconds is None else one.retention_seconds
        if longest > kept:
            waits = f"Waits {spelt(longest)} before a retry"
        elif total > kept:
            waits = f"Waits up to {spelt(total)} over all retries"
        else:
            continue
        yield one, _severity(one, longest > kept), _message(one, waits, kept), _todo(one)


def _severity(one: RetrySetting, single: bool) -> Severity:
    if one.keeps is Keeps.UNKNOWN:
        return Severity.LOW
    return Severity.HIGH if single or one.keeps is Keeps.MIXIN else Severity.MEDIUM


def _message(one: RetrySetting, waits: str, kept: float) -> str:
    lost = {
        Keeps.MIXIN: "it no longer knows its job and submits a second one",
        Keeps.STORE: "it no longer finds its checkpoint and starts from the beginning",
        Keeps.UNKNOWN: "if it resumes an external job, it submits a second one",
    }[one.keeps]
    again = "" if one.keeps is Keeps.MIXIN else ", unless a later try writes the key again"
    return (
        f"{waits}, while its state is kept for {spelt(kept)}{again}: once "
        f"`airflow state-store clean` has run in between, {lost}."
    )


def _todo(one: RetrySetting) -> str:
    if one.keeps is Keeps.STORE:
        return "Write the key with retention=NEVER_EXPIRE, or wait less."
    return "Raise [state_store] default_retention_days above the sum of the waits, or wait less."


def _number(values: Mapping[str, Value], name: str, default: float) -> float:
    value = values.get(name, default)
    return float(value) if isinstance(value, int | float) else default


def spelt(seconds: float) -> str:
    """A duration in the largest unit that gives at least one of it."""
    size, unit = next((u for u in UNITS if seconds >= u[0]), UNITS[-1])
    count = seconds / size
    return f"{count:,.4g} {unit}{'' if count == 1 else 's'}"

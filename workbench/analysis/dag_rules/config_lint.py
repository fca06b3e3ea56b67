"""What is wrong with a configuration of the state store, and with retries that outlive it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workbench.analysis.dag_rules.config_names import (
    SECTION,
    WORKERS,
    WORKERS_KEY,
    unknown_names,
)
from workbench.analysis.dag_rules.config_text import (
    ENVIRONMENT,
    ConfigText,
    Given,
    found_at,
    from_environment,
    read_config,
)
from workbench.analysis.dag_rules.config_values import Reading, read_value, shown
from workbench.analysis.dag_rules.retries import RetrySetting
from workbench.analysis.dag_rules.retry_risks import retry_risks
from workbench.domain.dag_rules import AirflowVersion
from workbench.domain.history import Rejection, Severity
from workbench.domain.state_store import ConfigFinding, Setting

CLEARS = "[state_store] clear_on_success"
RETENTION = "[state_store] default_retention_days"
BACKEND = "[state_store] backend"
CONSEQUENCES = {
    CLEARS: (
        "clears-on-success",
        "All keys of a task go when it succeeds, those kept with NEVER_EXPIRE, too: a successful "
        "task that is cleared starts from nothing and submits its external job again, and nobody "
        "can look up afterwards what it had kept.",
        "Right where a cleared task must do its work again; else leave it False.",
    ),
    RETENTION: (
        "keeps-forever",
        "Keys never expire and success does not clear them: they go with their DAG run.",
        "Delete old DAG runs with `airflow db clean`, or set a number of days.",
    ),
    BACKEND: (
        "cleanup-skips-backend",
        "`airflow state-store clean` does nothing with a backend other than Airflow's own.",
        "The backend has to delete expired keys itself.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigLint:
    """Findings in the order of their places, what could not be read, and the values in force."""

    findings: tuple[ConfigFinding, ...]
    rejections: tuple[Rejection, ...] = ()
    values: Mapping[str, int | bool | str | None] = field(default_factory=dict)


def config_findings(
    text: str = "",
    *,
    settings: Sequence[Setting],
    path: str = "airflow.cfg",
    environment: Mapping[str, str] | None = None,
    retries: Sequence[RetrySetting] = (),
    airflow: AirflowVersion | None = None,
) -> ConfigLint:
    """Check the state store's part of a configuration, and retries against its retention.

    Parameters
    ----------
    text : str
        The text of an airflow.cfg.
    settings : sequence of Setting
        The keys that Airflow has, from the checked reference.
    path : str
        What to call the file.
    environment : mapping, optional
        Variables; those of the form ``AIRFLOW__SECTION__KEY`` win over the file.
    retries : sequence of RetrySetting
        Retries found in DAG files.
    airflow : AirflowVersion, optional
        What runs here; without a state store nothing of this is read, and that is the finding.
    """
    file = read_config(text, path=path)
    variables = environment or {}
    overrides = from_environment(variables)
    given = {**file.values, **overrides}
    if airflow is not None and airflow.has_store is False:
        early = tuple(_not_read(given, airflow))
        return ConfigLint(findings=early, rejections=file.rejections)
    readings = {
        setting: read_value(setting, _text(setting, given.get((setting.section, setting.key))))
        for setting in settings
    }
    values = {setting.name: reading.value for setting, reading in readings.items()}
    found = [
        *unknown_names(file, variables, settings),
        *_wrong(readings, given),
        *_overridden(file, overrides, settings),
        *_consequences(values, given),
    ]
    for place, severity, message, todo in retry_risks(retries, values):
        found.append(
            ConfigFinding(
                rule="retry-outlives-retention",
                severity=severity,
                path=place.path,
                line=place.line,
                name=place.task,
                message=message,
                todo=todo,
            )
        )
    order = sorted(
        found, key=lambda f: (f.path == ENVIRONMENT, f.path, f.line or 0, f.rule, f.name)
    )
    return ConfigLint(findings=tuple(order), rejections=file.rejections, values=values)


def _text(setting: Setting, given: Given | None) -> str:
    return setting.default if given is None else given.value.strip()


def _not_read(
    given: Mapping[tuple[str, str], Given], airflow: AirflowVersion
) -> Iterator[ConfigFinding]:
    for (section, key), where in given.items():
        if section == SECTION or (section, key) == (WORKERS, WORKERS_KEY):
            yield found_at(
                where,
                "not-read",
                severity=Severity.LOW,
                name=f"[{section}] {key}",
                message=f"Airflow {airflow} reads nothing here: the state store came with 3.3.",
            )


def _wrong(
    readings: Mapping[Setting, Reading], given: Mapping[tuple[str, str], Given]
) -> Iterator[ConfigFinding]:
    for setting, reading in readings.items():
        where = given.get((setting.section, setting.key))
        if where is not None and reading.rule:
            yield found_at(
                where,
                reading.rule,
                severity=reading.severity,
                name=setting.name,
                message=reading.what,
                todo=f"The default is {setting.default or 'empty'}.",
            )


def _overridden(
    file: ConfigText, overrides: Mapping[tuple[str, str], Given], settings: Sequence[Setting]
) -> Iterator[ConfigFinding]:
    for setting in settings:
        place = setting.section, setting.key
        if place in file.values and place in overrides:
            ours, theirs = file.values[place], overrides[place]
            if ours.value != theirs.value:
                yield found_at(
                    ours,
                    "overridden",
                    severity=Severity.LOW,
                    name=setting.name,
                    message=f"{theirs.variable} wins with {shown(theirs.value)} over this line.",
                )


def _consequences(
    values: Mapping[str, int | bool | str | None], given: Mapping[tuple[str, str], Given]
) -> Iterator[ConfigFinding]:
    """Yield what is allowed and surprises, where somebody has set it."""
    clears = values[CLEARS] is True
    own = str(values[BACKEND] or "").startswith("airflow.state.")
    true_of = {
        CLEARS: clears,
        RETENTION: values[RETENTION] == 0 and not clears,
        BACKEND: bool(values[BACKEND]) and not own,
    }
    for name, (rule, message, todo) in CONSEQUENCES.items():
        where = given.get((SECTION, name.rpartition(" ")[2]))
        if where is not None and true_of[name]:
            yield found_at(
                where, rule, severity=Severity.LOW, name=name, message=message, todo=todo
            )

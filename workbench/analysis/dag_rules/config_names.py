"""Sections, keys and variables that look like the state store's and that Airflow does not have."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

from workbench.analysis.dag_rules.config_text import (
    ENVIRONMENT,
    ConfigText,
    Given,
    found_at,
    from_environment,
)
from workbench.domain.history import Severity
from workbench.domain.state_store import ConfigFinding, Setting
from workbench.text.suggestions import suggestion

SECTION, WORKERS, WORKERS_KEY = "state_store", "workers", "state_store_backend"
ALIKE = 0.8
OTHER_NAMES = frozenset({"task_state_store", "asset_state_store", "task_store", "asset_store"})
SUFFIXES = ("_cmd", "_secret")


def unknown_names(
    file: ConfigText, variables: Mapping[str, str], settings: Sequence[Setting]
) -> Iterator[ConfigFinding]:
    """Find what Airflow will read past in silence, with what may have been meant."""
    keys = [s.key for s in settings if s.section == SECTION]
    for (section, key), where in {**file.values, **from_environment(variables)}.items():
        if section == SECTION and key not in keys:
            yield _key(where, section, key, keys)
        elif section == WORKERS and _misspelt_worker_key(key):
            yield found_at(
                where,
                "unknown-key",
                severity=Severity.MEDIUM,
                name=f"[{section}] {key}",
                message="Airflow has no such key, so values stay in the database.",
                todo=f"Did you mean {WORKERS_KEY!r}?",
            )
    for section, line in file.sections.items():
        if section != SECTION and _alike(section):
            where = Given(value="", path=file.path, line=line)
            yield _section(where, f"[{section}]", "Write [state_store].")
    for variable in sorted(variables):
        if _misspelt_variable(variable):
            where = Given(value="", path=ENVIRONMENT, variable=variable)
            yield _section(where, variable, "Write AIRFLOW__STATE_STORE__KEY.")


def _key(where: Given, section: str, key: str, keys: Sequence[str]) -> ConfigFinding:
    todo = suggestion(key, keys)
    if key == WORKERS_KEY:
        todo = f"It belongs into [{WORKERS}]."
    elif key.endswith(SUFFIXES) and key.rpartition("_")[0] in keys:
        todo = "Only keys marked as secret are read from a command or a secrets backend."
    return found_at(
        where,
        "unknown-key",
        severity=Severity.MEDIUM,
        name=f"[{section}] {key}",
        message="Airflow has no such key, so it reads nothing here.",
        todo=todo,
    )


def _section(where: Given, name: str, todo: str) -> ConfigFinding:
    return found_at(
        where,
        "unknown-section",
        severity=Severity.MEDIUM,
        name=name,
        message="Airflow has no such section; the state store's is [state_store].",
        todo=todo,
    )


def _misspelt_worker_key(key: str) -> bool:
    return key != WORKERS_KEY and "state" in key and _ratio(key, WORKERS_KEY) >= ALIKE


def _misspelt_variable(variable: str) -> bool:
    """Whether a variable means the section and has its name or its underscores wrong."""
    if not variable.startswith("AIRFLOW_") or variable.startswith("AIRFLOW__STATE_STORE__"):
        return False
    rest = variable.removeprefix("AIRFLOW").lstrip("_").lower()
    return _alike(rest.partition("__")[0]) or rest.startswith(f"{SECTION}_")


def _alike(section: str) -> bool:
    plain = section.lower().replace("-", "_").replace(" ", "_")
    return plain in OTHER_NAMES or _ratio(plain, SECTION) >= ALIKE


def _ratio(one: str, other: str) -> float:
    # the matcher takes the square of a length: a word of a megabyte is like nothing
    if len(one) > 3 * len(other):
        return 0.0
    return difflib.SequenceMatcher(None, one, other).ratio()

"""The tables of a release, made by the released package itself and kept beside its environment."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from workbench.errors import LabError, Place
from workbench.lab.releases import Environment, open_release
from workbench.lab.scenarios import Scenario
from workbench.lab.statements import Dialect

NAMED = re.compile(r"CREATE TABLE \"?(\w+)\"?")


def release_statements(
    scenario: Scenario, *, dialect: Dialect, cache: Path | None = None
) -> tuple[list[str], list[str], list[str]]:
    """Tables, indexes and foreign keys of a scenario's release; SQLite's keys are in its tables.

    Raises
    ------
    LabError
        The scenario fills a table that the release does not have.
    """
    assert scenario.release is not None
    made = release_ddl(open_release(scenario.release, cache=cache))[dialect]
    there = {match[1] for text in made["tables"] if (match := NAMED.match(text))}
    missing = [table.name for table in scenario.tables if table.name not in there]
    if missing:
        what = f"Airflow {scenario.release} has no table {', '.join(missing)}."
        raise LabError(what, where=Place(path=scenario.path))
    return made["tables"], made["indexes"], made["foreign_keys"]


def release_ddl(environment: Environment) -> dict[str, Any]:
    """What the models of a release make, in the words of PostgreSQL and SQLite."""
    kept = environment.folder / "tables.json"
    if kept.exists():
        found: dict[str, Any] = json.loads(kept.read_text("utf-8"))
        return found
    made: dict[str, Any] = environment.run("ddl", {})
    kept.write_text(json.dumps(made), encoding="utf-8")
    return made

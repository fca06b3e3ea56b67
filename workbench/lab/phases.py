"""Where a planner takes an index and where it does not: plans are asked for, nothing is timed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import polars as pl

from workbench.errors import UnknownNameError
from workbench.lab.databases import Database
from workbench.lab.frames import PHASES
from workbench.lab.scenarios import Scenario
from workbench.lab.statements import Numbers, index_name


def phase_map(
    database: Database,
    scenario: Scenario,
    *,
    rows: Sequence[int],
    rows_per_key: Sequence[int],
    variant: str,
    settings: Sequence[Mapping[str, str]],
) -> pl.DataFrame:
    """Fill each size once, build the index, and ask for the plan of the main profile.

    Raises
    ------
    UnknownNameError
        The scenario has no such index.
    """
    found = [index for index in scenario.indexes if index.name == variant]
    if not found:
        names = ", ".join(index.name for index in scenario.indexes)
        what = f"The scenario has no index {variant!r}."
        raise UnknownNameError(what, right=f"It has: {names}.")
    made: list[dict[str, object]] = []
    usual = dict(database.settings)
    for total in rows:
        for each in rows_per_key:
            fill = dataclasses.replace(scenario.fill, rows_per_key=each)
            filled = dataclasses.replace(scenario, fill=fill)
            numbers = Numbers(rows=total, rows_per_key=each)
            database.fill(filled, numbers)
            database.add_index(found[0], scenario.table)
            profile = scenario.profiles[scenario.main_profile]
            assert isinstance(profile, Mapping)
            values = database.values(profile, numbers, 0)
            for setting in settings:
                before = database.set(setting)
                plan = database.explain(filled, values, analyze=False)
                database.set(before)
                made.append(
                    {
                        "rows": total,
                        "rows_per_key": each,
                        "settings": _said({**_costs(usual), **setting}),
                        "variant": variant,
                        "used": index_name(found[0]) in plan.indexes,
                        "plan_signature": plan.signature,
                        "cost": plan.cost,
                    }
                )
    return PHASES.check(PHASES.frame(made))


def _costs(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings that such a choice hangs on most."""
    names = ("random_page_cost", "seq_page_cost", "effective_cache_size")
    return {name: settings[name] for name in names if name in settings}


def _said(settings: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in sorted(settings.items()))

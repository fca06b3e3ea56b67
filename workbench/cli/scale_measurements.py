"""The lab's measurements that scale cards are priced by: those beside the bench, or named ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli.answers import DEFAULT_BENCH, CallerError, note, shared
from workbench.errors import Place, WorkbenchError

if TYPE_CHECKING:
    import polars as pl

    from workbench.analysis.scale.cost_curves import CostCurves

SCENARIO = "task-reschedule-lookup"
"""A lookup by a foreign key, as the queries of hot paths are."""
NEEDED = {"none", "composite"}
FEWEST_SIZES = 3


def kept_curves(bench: Path | None) -> tuple[CostCurves, str] | None:
    """Curves of the newest ladder beside the bench, and their engine; None where there is none.

    Only a server's count: what SQLite takes inside a process says little of one. Files that cannot
    be read are told, and the account's figures are taken.
    """
    from workbench.lab.keeping import read_measurements
    from workbench.lab.lab import MEASUREMENTS_FOLDER

    home = (bench or shared().bench or DEFAULT_BENCH).parent / MEASUREMENTS_FOLDER
    if not (home / SCENARIO).is_dir():
        return None
    try:
        return _newest(read_measurements(home, scenario=SCENARIO), home)
    except WorkbenchError as error:
        note(f"problem: {error} The account's figures are taken.")
        return None


def named_curves(path: Path) -> tuple[CostCurves, str]:
    """Curves of a Parquet file that the lab has kept.

    Raises
    ------
    CallerError
        It cannot be read.
    """
    import polars as pl

    from workbench.analysis.scale.cost_curves import fit_curves

    try:
        measured = pl.read_parquet(path)
        return fit_curves(measured), _source(measured, path)
    except (OSError, pl.exceptions.PolarsError) as fault:
        what = "These measurements cannot be read."
        todo = "Name a Parquet file that workbench lab run has kept."
        raise CallerError(what, where=Place(path=str(path)), todo=todo) from fault


def _newest(measured: pl.DataFrame, home: Path) -> tuple[CostCurves, str] | None:
    """The last run on a server that has what cards ask for."""
    import polars as pl

    from workbench.analysis.scale.cost_curves import fit_curves

    asked = measured.filter(pl.col("engine").str.contains("postgresql"), profile="miss")
    for run in asked["run"].unique().sort(descending=True):
        ladder = asked.filter(run=run)
        whole = set(ladder["variant"]) >= NEEDED
        if whole and ladder["rows"].n_unique() >= FEWEST_SIZES:
            return fit_curves(ladder.drop("run")), _source(ladder, home / SCENARIO / run)
    return None


def _source(measured: pl.DataFrame, path: Path) -> str:
    engines = measured["engine"].drop_nulls().to_list() if "engine" in measured.columns else []
    return f"{engines[0] if engines else 'an engine that is not told'}, {path}"

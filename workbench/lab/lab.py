"""The query lab: a scenario is filled and measured at growing sizes on a real database."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from workbench.errors import LabError, UnknownNameError
from workbench.lab.databases import Opened, open_database
from workbench.lab.keeping import Keeper, open_keeper
from workbench.lab.ladders import CELL_SECONDS, Measured, checked_rows, measure_size, sizes
from workbench.lab.phases import phase_map
from workbench.lab.pitfalls import Pitfall, find_pitfalls
from workbench.lab.programs import EngineName, find_origin
from workbench.lab.scenarios import NONE, Scenario, read_scenario
from workbench.lab.statements import Numbers

MEASUREMENTS_FOLDER = Path("measurements")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabRun:
    """What a ladder gave. ``engine`` says where every figure comes from.

    ``measurements``, ``plans`` and ``builds`` are as declared in :mod:`workbench.lab.frames`;
    ``folder`` is where they are kept; ``continued`` are the sizes that an earlier, cut-off run had
    measured already.
    """

    scenario: Scenario
    engine: str
    is_postgresql: bool
    rows: int
    seconds: float
    start_seconds: float
    settings: Mapping[str, str]
    measurements: pl.DataFrame
    plans: pl.DataFrame
    builds: pl.DataFrame
    pitfalls: tuple[Pitfall, ...]
    folder: Path | None = None
    continued: tuple[int, ...] = ()

    @property
    def ratio_server(self) -> float | None:
        """Median without an index / with the best one, on the server; None on SQLite."""
        return self._ratio("server_ms") if self.is_postgresql else None

    @property
    def ratio_client(self) -> float | None:
        """The same at the client; None where the engine is not PostgreSQL."""
        return self._ratio("client_ms") if self.is_postgresql else None

    def _ratio(self, column: str) -> float | None:
        here = (pl.col("rows") == self.rows) & (pl.col("profile") == self.scenario.main_profile)
        cell = self.measurements.filter(here)
        none, best = (
            cell.filter(pl.col("variant") == name).select(pl.col(column).median()).item()
            for name in (NONE, self.scenario.best)
        )
        return none / best if none is not None and best else None

    def ladder(self) -> pl.DataFrame:
        """One row for each size, variant and profile: times, plan, and what the index costs."""
        keys = ["rows", "rows_per_key", "variant", "profile"]
        times = self.measurements.group_by(keys).agg(
            repetitions=pl.len(),
            server_ms=pl.col("server_ms").median(),
            server_ms_min=pl.col("server_ms").min(),
            client_ms=pl.col("client_ms").median(),
            client_ms_min=pl.col("client_ms").min(),
            client_ms_mean=pl.col("client_ms").mean(),
            client_ms_p95=pl.col("client_ms").quantile(0.95),
        )
        plans = self.plans.drop("plan")
        return (
            times.join(plans, on=keys, how="left")
            .join(self.builds, on=["rows", "rows_per_key", "variant"], how="left")
            .sort(keys)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """Where and how to measure.

    Parameters
    ----------
    engine : str
        ``auto`` takes the best there is: a DSN, a folder of programs, the wheel, the system's
        server, else SQLite alone; ``postgresql`` insists; ``sqlite`` takes SQLite.
    dsn : str, optional
        A running PostgreSQL; the lab makes a schema of its own in it, and refuses a database
        that holds Airflow's tables.
    bin_dir : str or pathlib.Path, optional
        Folder of ``initdb`` and ``postgres``.
    keep : str, pathlib.Path or None
        Folder of the measurements, which cannot be rebuilt by loading; None keeps nothing.
    settings : mapping
        Settings of the session, before those of the scenario; PostgreSQL only.
    cell_seconds : float
        Seconds to repeat one query under one index and profile: 3 to 21 times.
    say : callable
        Is told in a sentence what goes on.

    Examples
    --------
    >>> run = Lab(engine="sqlite", keep=None).run("task-reschedule-lookup", rows=[100, 1000])
    >>> run.measurements["variant"].unique().sort().to_list()
    ['composite', 'none', 'plain']
    """

    engine: EngineName = "auto"
    dsn: str | None = field(default=None, repr=False)
    bin_dir: str | Path | None = None
    keep: str | Path | None = MEASUREMENTS_FOLDER
    settings: Mapping[str, str] = field(default_factory=dict)
    cell_seconds: float = CELL_SECONDS
    say: Callable[[str], None] = field(default=lambda _: None, repr=False)

    def run(
        self,
        scenario: str | Path | Scenario,
        *,
        rows: Sequence[int] | None = None,
        rows_per_key: int | None = None,
        profiles: Sequence[str] | None = None,
    ) -> LabRun:
        """Fill and measure a ladder of sizes, with no index and with each candidate.

        Parameters
        ----------
        scenario : str, pathlib.Path or Scenario
            A shipped scenario's name, or the path of one's own.
        rows : sequence of int, optional
            Sizes; ratios are of the largest. By default ten up to the scenario's own.
        rows_per_key : int, optional
            Rows of one key, in place of the scenario's.
        profiles : sequence of str, optional
            Parameters to measure with: the main profile and ``recent`` by default.

        Raises
        ------
        LabError
            The scenario or a number is wrong, or the database does not answer, may not be written
            to, or ran out of disk. Sizes that were done are kept, and not measured again.
        """
        begun = time.perf_counter()
        if not 0 < self.cell_seconds < float("inf"):
            what = f"A cell is measured for {self.cell_seconds!r} seconds."
            raise LabError(what, right="It is a number above zero.")
        made = self._scenario(scenario, rows_per_key)
        ladder = checked_rows(rows) if rows is not None else sizes(made.fill.rows)
        chosen = _profiles(made, profiles)
        origin = find_origin(self.engine, dsn=self.dsn, bin_dir=self.bin_dir)
        with ExitStack() as until_done:
            opened = until_done.enter_context(open_database(origin, say=self.say))
            database = opened.database
            database.set({**self.settings, **made.settings})
            settings = dict(database.settings)
            keeper = self._keeper(made, opened, ladder=ladder, chosen=chosen, settings=settings)
            if keeper:
                until_done.callback(keeper.close)
            found = [self._size(made, opened, keeper, n, chosen) for n in ladder]
            frames = {
                name: pl.concat([getattr(each, name) for each in found])
                for name in ("measurements", "plans", "builds")
            }
            run = LabRun(
                scenario=made,
                engine=database.label,
                is_postgresql=database.is_postgresql,
                rows=ladder[-1],
                seconds=time.perf_counter() - begun,
                start_seconds=opened.start_seconds,
                settings=settings,
                pitfalls=find_pitfalls(made, frames["measurements"], frames["plans"]),
                folder=keeper.folder if keeper else None,
                continued=keeper.done if keeper else (),
                **frames,
            )
            if keeper:
                keeper.finish(seconds=run.seconds)
        return run

    def phases(
        self,
        scenario: str | Path | Scenario,
        *,
        rows: Sequence[int],
        rows_per_key: Sequence[int],
        variant: str = "plain",
        settings: Sequence[Mapping[str, str]] = ({},),
    ) -> pl.DataFrame:
        """Say where the planner takes an index: rows x rows of a key x settings.

        Returns
        -------
        polars.DataFrame
            As declared in :data:`workbench.lab.frames.PHASES`.
        """
        made = self._scenario(scenario, None)
        checked_rows(rows_per_key)
        origin = find_origin(self.engine, dsn=self.dsn, bin_dir=self.bin_dir)
        with open_database(origin, say=self.say) as opened:
            opened.database.set({**self.settings, **made.settings})
            return phase_map(
                opened.database,
                made,
                rows=checked_rows(rows),
                rows_per_key=checked_rows(rows_per_key),
                variant=variant,
                settings=settings,
            )

    def _scenario(self, given: str | Path | Scenario, rows_per_key: int | None) -> Scenario:
        made = given if isinstance(given, Scenario) else read_scenario(given)
        if rows_per_key is None:
            return made
        if isinstance(rows_per_key, bool) or rows_per_key < 1:
            what = f"A key has {rows_per_key!r} rows."
            raise LabError(what, right="It has one or more.")
        fill = dataclasses.replace(made.fill, rows_per_key=rows_per_key)
        return dataclasses.replace(made, fill=fill)

    def _size(
        self,
        scenario: Scenario,
        opened: Opened,
        keeper: Keeper | None,
        rows: int,
        profiles: tuple[str, ...],
    ) -> Measured:
        if keeper and rows in keeper.done:
            self.say(f"{rows:,} rows were measured before the run was cut off")
            return keeper.size(rows)
        self.say(f"{rows:,} rows on {opened.database.label}")
        numbers = Numbers(rows=rows, rows_per_key=scenario.fill.rows_per_key)
        measured = measure_size(
            opened.database, scenario, numbers, profiles=profiles, cell_seconds=self.cell_seconds
        )
        if keeper:
            keeper.keep(rows, measured)
        return measured

    def _keeper(
        self,
        scenario: Scenario,
        opened: Opened,
        *,
        ladder: tuple[int, ...],
        chosen: tuple[str, ...],
        settings: Mapping[str, str],
    ) -> Keeper | None:
        if self.keep is None:
            return None
        identity: dict[str, object] = {
            "scenario": scenario.id,
            "digest": scenario.digest,
            "fill": dataclasses.asdict(scenario.fill),
            "engine": opened.database.label,
            "rows": ladder,
            "profiles": chosen,
            "settings": dict(settings),
        }
        return open_keeper(Path(self.keep), identity)


def _profiles(scenario: Scenario, given: Sequence[str] | None) -> tuple[str, ...]:
    if given is None:
        wanted = (scenario.main_profile, "recent")
        return tuple(dict.fromkeys(name for name in wanted if name in scenario.profiles))
    unknown = [name for name in given if name not in scenario.profiles]
    if unknown or not given:
        what = f"The scenario has no profile {', '.join(unknown) or 'at all'}."
        raise UnknownNameError(what, right=f"It has: {', '.join(scenario.profiles)}.")
    # the ratios are of the main profile
    return tuple(dict.fromkeys((scenario.main_profile, *given)))

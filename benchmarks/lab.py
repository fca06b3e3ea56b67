"""The lab's figures: start, fill, ladder, ratios, plans, held-out sizes, and a real DAG run.

    python benchmarks/lab.py [--tasks 200] [--without-airflow]

Every figure is told with the load of the machine at that moment. The held-out size is predicted
twice: from medians, and from the fastest repetition of each cell, which other work hides least. The
DAG run is that of Airflow 3.1.7 on PostgreSQL with 900,000 rows in its own task_reschedule; it is
predicted from curves of smaller sizes and from a step on an empty table, and then measured.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from workbench.analysis.scale.cost_curves import fit_curves
from workbench.analysis.scale.plan_runs import Measure
from workbench.lab.calls import calls_per_run, count_calls
from workbench.lab.lab import Lab
from workbench.lab.ladders import sizes
from workbench.lab.own_server import OwnServer, own_server
from workbench.lab.programs import find_origin

SCENARIO = "task-reschedule-lookup"
TOP = 1_000_000
AFFECTED = "3.1.7"
SMALLER = (40_000, 60_000, 90_000, 130_000, 190_000, 280_000, 400_000, 550_000)
MEASURES: tuple[Measure, ...] = ("server_ms", "client_ms")


def load() -> str:
    """The machine's load over the last minute."""
    return f"load {os.getloadavg()[0]:.1f}"


def starts() -> None:
    """Three starts, each with a new cluster."""
    origin = find_origin("postgresql")
    assert origin.bin_dir is not None
    took = []
    for _ in range(3):
        with own_server(origin.bin_dir) as server:
            took.append(server.seconds)
    print(f"server up: {', '.join(f'{s:.2f}' for s in took)} s ({origin.name}; {load()})")


def ladder() -> None:
    """The sizes of a usual ladder, three variants, the traps that they show."""
    steps = sizes(TOP)
    run = Lab(engine="postgresql", keep=None).run(SCENARIO, rows=steps)
    what = f"{len(steps)} sizes x 3 variants to {TOP:,} rows"
    print(f"{run.engine}: {what} in {run.seconds:.1f} s ({load()})")
    cells = run.ladder().filter(pl.col("profile") == "miss")
    shown = ("rows", "variant", "repetitions", "server_ms", "client_ms", "uses_index")
    with pl.Config(tbl_rows=-1, fmt_str_lengths=60, tbl_width_chars=160):
        print(cells.select(shown))
    for pitfall in run.pitfalls:
        print(f"  {pitfall.kind}: {pitfall.variant}, {pitfall.rows:,} rows: {pitfall.text}")


def held_out() -> None:
    """Predict the largest size from the smaller ones."""
    lab = Lab(engine="postgresql", keep=None, cell_seconds=4)
    run = lab.run(SCENARIO, rows=[*SMALLER, TOP], profiles=["miss"])
    keys = ["variant", "profile", "rows", "plan_signature"]
    times = pl.col("server_ms", "client_ms")
    fastest = run.measurements.group_by(keys).agg(times.min(), repetition=pl.lit(0, pl.Int64))
    medians = run.measurements.group_by(keys).agg(times.median(), repetition=pl.lit(0, pl.Int64))
    for name, cells in (("medians", medians), ("fastest", fastest)):
        curves = fit_curves(cells.filter(pl.col("rows") < TOP))
        top = cells.filter((pl.col("rows") == TOP) & (pl.col("variant") == "none"))
        for measure in MEASURES:
            said = curves.predict(TOP, variant="none", measure=measure)
            real = top[measure].item()
            print(
                f"held-out {TOP:,} rows, none, {measure}, {name}: predicted {said.value_ms:.1f}, "
                f"measured {real:.1f} ({said.value_ms / real - 1:+.0%}), {said.beyond_data:.1f}x "
                f"beyond the data ({load()})"
            )


def ratios() -> None:
    """No index against the composite one at 900,000 rows."""
    run = Lab(engine="postgresql", keep=None).run(SCENARIO, rows=[900_000])
    filled = run.builds["fill_seconds"][0]
    print(f"900,000 rows filled, foreign keys after: {filled:.1f} s ({load()})")
    print(
        f"900,000 rows, miss, none / composite: {run.ratio_server:,.0f}x server, "
        f"{run.ratio_client:,.0f}x client ({load()})"
    )
    print(run.builds.select("variant", "build_seconds", "index_bytes", "insert_rows", "insert_ms"))


def phases() -> None:
    """Where the plain index is used."""
    found = Lab(engine="postgresql", keep=None).phases(
        SCENARIO, rows=[30_000, 300_000, 900_000], rows_per_key=[10, 100, 300]
    )
    print(f"plain index, {found['settings'][0]}, round-robin:")
    for row in found.iter_rows(named=True):
        word = "used" if row["used"] else "unused"
        print(f"  {row['rows']:>9,} x {row['rows_per_key']:>4}: {word}")


@contextmanager
def database() -> Iterator[tuple[OwnServer, str]]:
    """A server, and SQLAlchemy's address of an empty database in it."""
    import psycopg

    origin = find_origin("postgresql")
    assert origin.bin_dir is not None
    with own_server(origin.bin_dir) as server:
        for name in ("small", "large"):
            with psycopg.connect(server.dsn, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}".encode())
        yield server, f"postgresql+psycopg2://lab@/{{}}?host={server.folder / 'run'}"


def dag_run(tasks: int) -> None:
    """Predict the scheduler's step for one DAG run, then take it."""
    for release in ("3.1.6", AFFECTED, "3.1.8"):
        row = calls_per_run(count_calls(release, task_instances=200)).row(0, named=True)
        print(f"{release}: {row['calls']} calls for 200 task instances")
    with database() as (server, address):
        empty = count_calls(AFFECTED, task_instances=tasks, database=address.format("small"))
        base = calls_per_run(empty).row(0, named=True)
        lab = Lab(dsn=server.dsn, keep=None, cell_seconds=3)

        def ladder_now() -> pl.DataFrame:
            return lab.run(SCENARIO, rows=SMALLER, profiles=["miss"]).measurements

        def step_now() -> pl.DataFrame:
            return count_calls(
                AFFECTED,
                task_instances=tasks,
                history_rows=900_000,
                database=address.format("large"),
            )

        step_now()  # fills and warms
        before = ladder_now()
        for number in range(3):
            real, after = step_now(), ladder_now()
            rows = real["history_rows"][0]
            took = calls_per_run(real).row(0, named=True)["step_seconds"]
            said = fit_curves(pl.concat([before, after])).predict(rows, variant="none")
            predicted = base["step_seconds"] + base["calls"] * said.value_ms / 1000
            print(
                f"DAG run {number} of {tasks} task instances, {rows:,} rows: {base['calls']} calls "
                f"x {said.value_ms:.1f} ms + {base['step_seconds']:.1f} s = {predicted:.1f} s; "
                f"measured {took:.1f} s ({predicted / took - 1:+.0%}; {load()})"
            )
            before = after


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--without-airflow", action="store_true")
    given = parser.parse_args()
    starts()
    ratios()
    ladder()
    held_out()
    phases()
    if not given.without_airflow:
        dag_run(given.tasks)


if __name__ == "__main__":
    main()

"""A ladder on SQLite alone: every figure says so, nothing is changed, bad numbers are refused."""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import workbench
from workbench.errors import LabError, UnknownNameError
from workbench.lab import lab as lab_module
from workbench.lab.frames import BUILDS, MEASUREMENTS, PLANS
from workbench.lab.keeping import read_measurements
from workbench.lab.ladders import measure_size, sizes
from workbench.lab.scenarios import read_scenario
from workbench.lab.sqlite import SQLiteLab
from workbench.lab.statements import Numbers

SQLITE = workbench.Lab(engine="sqlite", keep=None)


@pytest.mark.parametrize("name", ["task-reschedule-lookup", "finished-runs-scan", "template"])
def test_a_ladder_of_each_reading_scenario(name: str) -> None:
    """Sizes x variants x profiles, all declared; no ratio, for there is no server's time."""
    run = SQLITE.run(name, rows=[300, 3_000], profiles=["recent", "old", "mixed"])
    assert run.engine.startswith("sqlite")
    assert run.ratio_server is None
    assert run.ratio_client is None
    for table, frame in ((MEASUREMENTS, run.measurements), (PLANS, run.plans)):
        assert frame.equals(table.check(frame))
    variants = {"none", *(index.name for index in run.scenario.indexes)}
    assert set(run.measurements["variant"]) == variants
    assert set(run.measurements["profile"]) == {"miss", "recent", "old", "mixed"}
    assert run.measurements["server_ms"].null_count() == run.measurements.height
    assert run.measurements["client_ms"].min() > 0  # type: ignore[operator]
    assert BUILDS.check(run.builds)["index_bytes"].max() > 1000  # type: ignore[operator]
    ladder = run.ladder()
    assert ladder.height == 2 * len(variants) * 4
    used = ladder.filter(ladder["variant"] == "composite")["uses_index"]
    assert used.all()


def test_an_index_is_worth_more_the_more_rows_there_are() -> None:
    """Without one the miss reads every row; with it, a few."""
    times = SQLITE.run("task-reschedule-lookup", rows=[300, 30_000]).ladder()
    miss = times.filter((times["profile"] == "miss") & (times["rows"] == 30_000))
    fast, slow = (
        miss.filter(miss["variant"] == name)["client_ms_min"].item()
        for name in ("composite", "none")
    )
    assert slow > 20 * fast


def test_a_delete_is_undone() -> None:
    """Measuring a statement that writes leaves the rows as they were."""
    scenario = read_scenario("task-instance-delete")
    numbers = Numbers(rows=400, rows_per_key=20)
    database = SQLiteLab.open()
    measure_size(database, scenario, numbers, profiles=["recent"])
    count = database.connection.execute(
        "SELECT (SELECT count(*) FROM task_instance), (SELECT count(*) FROM task_reschedule)"
    )
    assert count.fetchone() == (120, 400)
    database.close()


@pytest.mark.parametrize(
    "rows", [[], [0], [-1], [math.nan], [1.5], [True], [10**12], ["1000"], [None]]
)
def test_impossible_sizes_are_refused(rows: list[Any]) -> None:
    """Nothing is started for a size that cannot be."""
    with pytest.raises(LabError, match="No ladder has these rows"):
        SQLITE.run("template", rows=rows)


def test_other_impossible_wishes_are_refused() -> None:
    """Rows of a key below one, profiles and scenarios that do not exist."""
    with pytest.raises(LabError, match="has 0 rows"):
        SQLITE.run("template", rows=[10], rows_per_key=0)
    with pytest.raises(UnknownNameError, match="miss"):
        SQLITE.run("template", rows=[10], profiles=["hit"])
    with pytest.raises(UnknownNameError, match="finished-runs-scan"):
        SQLITE.run("no-such", rows=[10])


def test_a_ladder_is_evenly_spaced() -> None:
    """Ten sizes up to the one asked for, easy to read; a small one has fewer."""
    steps = (1000, 2700, 7200, 19000, 52000, 140000, 370000, 1000000)
    assert sizes(1_000_000, count=8) == steps
    assert len(sizes(900_000)) == 10
    assert sum(n >= 20_000 for n in sizes(900_000)) == 6
    assert sizes(900_000)[-1] == 900_000
    assert sizes(5) == (5,)
    assert sizes(1_500)[0] == 1_000
    assert sizes(100_000, count=1) == (100_000,)


def test_a_full_disk_is_a_clear_error() -> None:
    """SQLite's own limit stands in for a disk: the error says so and what to do."""
    database = SQLiteLab.open()
    database.connection.execute("PRAGMA max_page_count = 50")
    with pytest.raises(LabError, match="disk is full"):
        database.fill(read_scenario("template"), Numbers(rows=50_000, rows_per_key=10))
    database.close()


def test_a_query_that_the_database_refuses(tmp_path: Path) -> None:
    """Its own words reach the user."""
    scenario = dataclasses.replace(read_scenario("template"), query="SELECT x FROM nowhere")
    scenario = dataclasses.replace(scenario, profiles={"miss": {}})
    with pytest.raises(LabError, match="no such table: nowhere"):
        SQLITE.run(scenario, rows=[10])


def test_a_run_that_was_cut_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes that were done are not measured again; a whole run is never gone on with."""
    lab = workbench.Lab(engine="sqlite", keep=tmp_path)
    done: list[int] = []

    def dies_at_300(database: Any, scenario: Any, numbers: Numbers, **more: Any) -> Any:
        if numbers.rows == 300 and 300 not in done:
            done.append(300)
            raise KeyboardInterrupt
        done.append(numbers.rows)
        return measure_size(database, scenario, numbers, **more)

    monkeypatch.setattr(lab_module, "measure_size", dies_at_300)
    with pytest.raises(KeyboardInterrupt):
        lab.run("template", rows=[100, 200, 300])
    other = lab.run("template", rows=[100])
    assert other.continued == ()
    again = lab.run("template", rows=[100, 200, 300])
    assert again.continued == (100, 200)
    assert done == [100, 200, 300, 100, 300]
    assert again.measurements["rows"].unique().sort().to_list() == [100, 200, 300]
    assert lab.run("template", rows=[100, 200, 300]).continued == ()
    kept = read_measurements(tmp_path, scenario="template")
    assert kept["run"].n_unique() == 3
    assert again.folder is not None
    assert kept.filter(kept["run"] == again.folder.name).drop("run").equals(again.measurements)
    assert read_measurements(tmp_path / "nothing").is_empty()


KILLED = """
import sys, workbench
workbench.Lab(engine="sqlite", keep=sys.argv[1]).run("template", rows=[100, 200, 150_000])
"""


def test_a_lab_that_was_killed_goes_on(tmp_path: Path) -> None:
    """A process that is killed in the midst of a size leaves the sizes before it, whole."""
    lab = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)])
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("template/*/rows-000000200")) and time.monotonic() < deadline:
        time.sleep(0.005)
    lab.kill()
    lab.wait()
    (folder,) = (tmp_path / "template").iterdir()
    assert {path.name for path in folder.glob("rows-*")} == {"rows-000000100", "rows-000000200"}
    again = workbench.Lab(engine="sqlite", keep=tmp_path).run("template", rows=[100, 200, 150_000])
    assert again.continued == (100, 200)
    assert again.folder == folder
    assert set(again.measurements["rows"]) == {100, 200, 150_000}

"""Call counts of released Airflow: one a run, one for every task instance, one a run again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import polars as pl
import pytest

from workbench import Lab
from workbench.cli import main
from workbench.errors import LabError
from workbench.exports.documents import check
from workbench.lab.calls import calls_per_run, count_calls
from workbench.lab.release_tables import release_ddl
from workbench.lab.releases import Environment, open_release

pytestmark = pytest.mark.airflow

TASKS = 60


@pytest.fixture(scope="session", params=["3.1.6", "3.1.7", "3.1.8"])
def release(request: pytest.FixtureRequest) -> Environment:
    """An environment of a release; where it cannot be installed, the tier says why."""
    try:
        return open_release(str(request.param))
    except LabError as error:
        pytest.skip(str(error))


def _count(release: Environment, positions: tuple[int, ...]) -> pl.DataFrame:
    return count_calls(release.release, task_instances=TASKS, positions=positions, dag_runs=2)


def test_one_release_asks_for_every_task_instance(release: Environment) -> None:
    """3.1.6 and 3.1.8 ask for the waiting sensor alone, 3.1.7 for all that stand behind it."""
    expected = TASKS if release.release == "3.1.7" else 1
    found = _count(release, (0,))
    assert calls_per_run(found)["calls"].to_list() == [expected, expected]
    asked = found.filter(pl.col("table_name") == "task_reschedule")
    (site,) = asked["site"].unique().to_list()
    assert site.startswith("ReadyToRescheduleDep._get_dep_statuses:")
    assert "TaskInstance.get_failed_dep_statuses" in site
    assert (asked["total_ms"] > 0).all()


def test_where_the_sensor_stands_decides(release: Environment) -> None:
    """The leak reaches the instances behind the first waiting one: N less its position."""
    leaks = release.release == "3.1.7"
    for positions, leaked in (((TASKS - 1,), 1), ((20,), 40), ((20, 45), 40)):
        expected = leaked if leaks else len(positions)
        calls = calls_per_run(_count(release, positions))["calls"].to_list()
        assert calls == [expected, expected], positions


def test_a_release_tells_its_tables(release: Environment) -> None:
    """Its own models say which indexes there are: the composite one came with 3.1.8."""
    ddl = release_ddl(release)
    assert {"postgresql", "sqlite"} == set(ddl)
    tables = [text for text in ddl["postgresql"]["tables"] if "CREATE TABLE task_" in text]
    assert len(tables) >= 4
    assert not any("FOREIGN KEY" in text for text in ddl["postgresql"]["tables"])
    indexes = [text for text in ddl["postgresql"]["indexes"] if " ON task_reschedule " in text]
    assert bool(indexes) == (release.release == "3.1.8")


def test_a_program_that_fails_says_why(release: Environment) -> None:
    """The last words of Airflow reach the user."""
    with pytest.raises(LabError, match=r"no_such_database|failed"):
        count_calls(release.release, task_instances=3, database="no_such_database://x")


OWN = """
id = "log-by-event"
title = "Log entries of an event"
table = "log"
query = "SELECT id FROM log WHERE event = :event ORDER BY id DESC LIMIT 1"
release = "RELEASE"
fill = { rows = 500, rows_per_key = 10 }
tables = [{ name = "log", rows = "rows", columns = [
  { name = "event", value = "'e' || k" }, { name = "dttm", value = "$moment(n)" }] }]
indexes = [{ name = "by_event", columns = ["event", "id DESC"] }]
profiles = { miss = { event = "'none'" } }
"""


@pytest.mark.parametrize("engine", ["sqlite", "auto"])
def test_a_scenario_on_a_releases_own_tables(
    release: Environment, tmp_path: Path, engine: Literal["sqlite", "auto"]
) -> None:
    """All tables, keys and indexes of the release, filled where the scenario says."""
    file = tmp_path / "own.toml"
    file.write_text(OWN.replace("RELEASE", release.release))
    # of a table on two pages no database asks an index
    run = Lab(engine=engine, keep=None).run(file, rows=[20_000])
    assert run.plans.filter(pl.col("variant") == "by_event")["uses_index"].all()
    file.write_text(OWN.replace("RELEASE", release.release).replace('"log"', '"no_such"'))
    with pytest.raises(LabError, match="has no table no_such"):
        Lab(engine=engine, keep=None).run(file, rows=[500])


def test_the_command_answers_with_runs_and_call_sites(
    release: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    """One document; on the screen the count stands beside the number of task instances."""
    words = ["lab", "calls", release.release, "--task-instances", "20", "--position", "5"]
    with pytest.raises(SystemExit) as left:
        main([*words, "--json"])
    assert left.value.code == 0
    document = json.loads(capsys.readouterr().out)
    check(document, schema="lab-calls")
    expected = 15 if release.release == "3.1.7" else 1
    assert [run["calls"] for run in document["runs"]] == [expected]
    with pytest.raises(SystemExit):
        main(words)
    said = capsys.readouterr().out
    assert f"{expected:,} calls to task_reschedule for 20 task instances" in said
    assert "ReadyToRescheduleDep" in said

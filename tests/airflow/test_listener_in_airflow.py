"""The listener in a real Airflow 3.1.8: ten tasks fail in ten ways, and every source agrees."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.airflow.conftest import HERE, installed
from tests.airflow.services import services
from workbench.airflow_plugin import __file__ as plugin_package
from workbench.bench import Bench, open_bench
from workbench.sources.failure_inputs import read_input

pytestmark = pytest.mark.airflow

LOCK = HERE / "requirements-3.1.8.txt"
PLANTED = "Pl4nted-" + "canary-71"
RAISED = {
    "plain": "ValueError",
    "chained": "LookupError",
    "grouped": "ExceptionGroup",
    "leaking": "ConnectionError",
    "slow": "AirflowTaskTimeout",
    "killed": None,
    "command": "CalledProcessError",
    "final": "AirflowFailException",
    "twice": "TimeoutError",
    "silent": "Silent",
}


@dataclass(frozen=True)
class Seen:
    """What the run left: a bench with every source loaded, and the files."""

    bench: Bench
    home: Path
    listened: list[dict[str, Any]]
    captures: Path

    def failures(self) -> dict[tuple[str, int], dict[str, Any]]:
        rows = self.bench.failures().to_dicts()
        return {(r["task_id"], r["try_number"]): r for r in rows if r["task_id"]}


@pytest.fixture(scope="module")
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Run the DAGs once under the scheduler, with the plugin in its folder; load all there is."""
    python = installed(request, LOCK)
    home = tmp_path_factory.mktemp("airflow-318")
    plugin = Path(str(plugin_package)).with_name("failure_listener.py")
    (home / "plugins").mkdir()
    shutil.copy(plugin, home / "plugins")
    shutil.copytree(
        HERE / "failing_dags", home / "dags", ignore=shutil.ignore_patterns("__pycache__")
    )
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW")},
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
    }
    migrate(python, environment)
    captures = home / "captures"
    bench = open_bench(home / "a.duckdb")
    with services(python, home, environment) as running:
        running.wait()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AIRFLOW_API_TOKEN", token(running.address))
            bench.load(read_input(running.address, captures=captures))
    listened = home / "workbench-failures.jsonl"
    for word in (listened, home / "logs", home / "airflow.db"):
        bench.load(read_input(str(word), captures=captures))
    lines = [json.loads(line) for line in listened.read_text().splitlines()]
    return Seen(bench, home, lines, captures)


def migrate(python: Path, environment: dict[str, str]) -> None:
    """Make the database."""
    import subprocess

    words = [str(python.with_name("airflow")), "db", "migrate"]
    done = subprocess.run(
        words, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def token(address: str) -> str:
    """A token of the server that makes everybody an administrator."""
    import urllib.request

    with urllib.request.urlopen(f"{address}/auth/token", timeout=30) as answer:
        return str(json.load(answer)["access_token"])


def test_every_failed_try_is_one_failure(seen: Seen) -> None:
    """Ten tasks, eleven tries: log, database and API agree on each; the listener missed one."""
    found = seen.failures()
    wanted = {(name, 1) for name in RAISED} | {("twice", 2)}
    assert set(found) == wanted
    for (name, _), row in found.items():
        sources = set(row["sources"].split(","))
        assert {"log", "database"} <= sources, (name, sources)
        assert ("listener" in sources) == (name != "killed"), (name, sources)


def test_each_says_how_it_failed(seen: Seen) -> None:
    """Exception, kind, operator and pool stand in the one row, wherever they came from."""
    found = seen.failures()
    told = {name: found[name, 1]["exception"] for name in RAISED}
    assert told == RAISED
    assert found["killed", 1]["kind"] == "killed"
    assert {found[name, 1]["pool"] for name in RAISED} == {"default_pool"}
    assert {found[name, 1]["operator"] for name in RAISED} == {"_PythonDecoratedOperator"}
    causes = json.loads(found["chained", 1]["extra"])["causes"]
    assert [(c["exception"], c["link"]) for c in causes] == [("KeyError", "cause")]


def test_the_listener_writes_whole_lines_without_secrets(seen: Seen) -> None:
    """Ten tries of several processes, the run and the broken file: one line of JSON each."""
    hooks = [line["hook"] for line in seen.listened]
    assert hooks.count("task_failed") == 10
    assert "import_error" in hooks
    assert {line["airflow_version"] for line in seen.listened} == {"3.1.8"}
    assert PLANTED not in (seen.home / "workbench-failures.jsonl").read_text()


def test_no_planted_secret_is_kept(seen: Seen) -> None:
    """Neither the store nor what was kept of the server's answers holds the password."""
    for name in ("failures", "failure_sightings"):
        assert PLANTED not in seen.bench.table(name).write_csv()
    kept = list(seen.captures.rglob("*.json"))
    assert kept
    assert not [path for path in kept if PLANTED in path.read_text()]


def test_a_broken_file_is_a_failure_of_its_own(seen: Seen) -> None:
    """Listener, database and API tell of one file that does not load."""
    rows = [r for r in seen.bench.failures().to_dicts() if r["kind"] == "import-error"]
    assert [(r["exception"], r["task_id"]) for r in rows] == [("ModuleNotFoundError", None)]
    assert {"listener", "database", "rest"} == set(rows[0]["sources"].split(","))


def test_a_task_that_never_starts_is_seen_waiting(seen: Seen) -> None:
    """A pool that does not exist holds it back: minutes later no failure yet, but a waiting try."""
    tries = {row["task_id"]: row["state"] for row in seen.bench.table("task_tries").to_dicts()}
    assert (tries["never"], tries["fine"], tries["plain"]) == ("scheduled", "success", "failed")


def test_the_structure_around_a_failed_task_is_known(seen: Seen) -> None:
    """The database's serialized DAG gives every task and what waits for it."""
    tasks = seen.bench.table("task_dependencies")["task_id"].unique().to_list()
    assert set(RAISED) <= set(tasks)

"""`dags check` finds misplaced state, says what to do, and repairs it when asked to."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from workbench.exports.documents import check

WATERMARK = """\
from datetime import datetime

from airflow.models import Variable
from airflow.sdk import DAG, Asset, task

SHIPMENTS = Asset(name="shipments")

with DAG(dag_id="shipments", schedule="@daily"):

    @task(retries=2, outlets=[SHIPMENTS])
    def load(**context):
        ti = context["ti"]
        batch_id = ti.xcom_pull(task_ids="load", key="batch_id")
        if batch_id is None:
            batch_id = queue.submit("load")
            ti.xcom_push(key="batch_id", value=batch_id)
        queue.wait(batch_id)
        mark = Variable.get("shipments_mark", default_var="2026-01-01")
        write(rows_after(mark))
        Variable.set("shipments_mark", datetime.utcnow().isoformat())

    load()
"""
VARIABLES = """\
from airflow.models import Variable
from airflow.sdk import DAG, task

with DAG(dag_id="parcels"):

    @task(retries=2)
    def scan():
        last = Variable.get("parcels_last", default_var="0")
        for parcel in parcels_after(last):
            handle(parcel)
            last = parcel["id"]
            Variable.set("parcels_last", last)

    @task(retries=2)
    def sort_all():
        job_id = Variable.get("sort_job_id", default_var=None)
        if job_id and engine.status(job_id) == "RUNNING":
            engine.wait(job_id)
            return
        job_id = engine.submit("sort")
        Variable.set("sort_job_id", job_id)
        engine.wait(job_id)

    scan() >> sort_all()
"""
CHECKPOINT = """\
from airflow.sdk import DAG, task

with DAG(dag_id="letters"):

    @task(retries=4)
    def send(**context):
        ti = context["ti"]
        at = ti.xcom_pull(task_ids="send", key="at") or 0
        while page := letters(after=at):
            post(page)
            at = page[-1]["id"]
            ti.xcom_push(key="at", value=at)

    send()
"""
CLEAN = """\
from airflow.sdk import DAG, task

with DAG(dag_id="stamps"):

    @task(retries=4)
    def sell(task_state_store=None):
        for stamp in stamps(after=task_state_store.get("at")):
            task_state_store.set("at", stamp["id"])

    sell()
"""
FILES = {
    "watermark.py": WATERMARK,
    "variables.py": VARIABLES,
    "checkpoint.py": CHECKPOINT,
    "clean.py": CLEAN,
}


@pytest.fixture
def dags(tmp_path: Path) -> Path:
    """A project of four DAG files with a repository's edge."""
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "dags"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def test_each_miniature_gives_its_families(run: Run, dags: Path) -> None:
    """Two families and the naive clock, two, one, none; read and write with their lines."""
    said = run("dags", "check", dags, "--airflow-version", "3.3.2", "--json")
    assert said.code == 1
    check(said.document, schema="dags-check")
    found: dict[str, list[str]] = {name: [] for name in FILES}
    for finding in said.document["findings"]:
        found[Path(finding["path"]).name].append(finding["rule"][:2])
        assert finding["read_line"] < finding["write_line"]
    assert found == {
        "watermark.py": ["S3", "S4", "S7"],
        "variables.py": ["S2", "S3"],
        "checkpoint.py": ["S1"],
        "clean.py": [],
    }


def test_the_version_comes_from_the_projects_files(run: Run, dags: Path) -> None:
    """A pin below 3.3 takes every recommendation back; the flag wins over the pin."""
    (dags.parent / "requirements.txt").write_text("apache-airflow==3.2.1\n")
    below = run("dags", "check", dags / "checkpoint.py", "--json").document
    assert below["airflow_version"] == "3.2.1"
    (finding,) = below["findings"]
    assert (finding["primitive"], finding["fix"]) == (None, None)
    assert "task_state_store" not in json.dumps(below)
    above = run("dags", "check", dags / "checkpoint.py", "--airflow-version=3.3", "--json").document
    assert above["findings"][0]["primitive"] == "task_state_store"
    assert "+++ b/dags/checkpoint.py" in above["findings"][0]["fix"]


def test_fix_writes_the_patches(run: Run, dags: Path) -> None:
    """Afterwards nothing is found, and every file still is Python with its own line ends."""
    windows = dags / "windows.py"
    windows.write_bytes(CHECKPOINT.replace("\n", "\r\n").encode())
    said = run("dags", "check", dags, "--airflow-version", "3.3", "--fix", "--json")
    assert (said.code, said.document["findings"]) == (0, [])
    assert len(said.document["fixed"]) == 4
    assert windows.read_bytes().count(b"\r\n") == CHECKPOINT.count("\n")
    for file in dags.glob("*.py"):
        ast.parse(file.read_text())
    assert "Variable" not in (dags / "variables.py").read_text()


def test_fix_writes_nothing_that_an_unknown_airflow_may_not_have(run: Run, dags: Path) -> None:
    """Without a version only the clock is repaired."""
    run("dags", "check", dags, "--fix")
    assert (dags / "checkpoint.py").read_text() == CHECKPOINT
    assert "datetime.now(timezone.utc)" in (dags / "watermark.py").read_text()
    assert "state_store" not in (dags / "watermark.py").read_text()


def test_a_renamed_key_shows_against_an_earlier_version(run: Run, tmp_path: Path) -> None:
    """The key of runs in flight has another name now."""
    text = (
        "from airflow.sdk import ResumableJobMixin\nfrom ours import Base\n"
        "class Job(ResumableJobMixin, Base):\n    external_id_key = '{}'\n"
        "    def execute(self, context):\n        return self.execute_resumable(context)\n"
    )
    for name, key in (("now", "b"), ("then", "a")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "jobs.py").write_text(text.format(key))
    said = run("dags", "check", "now", "--before", "then", "--airflow-version", "3.3", "--json")
    (finding,) = said.document["findings"]
    assert "'b' now, and under 'a' before" in finding["message"]
    assert run("dags", "check", "now", "--airflow-version", "3.3").code == 0
    assert run("dags", "check", "now", "--before", "never").code == 2


def test_dirty_input_is_told_and_the_run_goes_on(run: Run, dags: Path) -> None:
    """What cannot be read stands in the answer, with its place."""
    (dags / "old.py").write_text("print 'hello'\n")
    said = run("dags", "check", dags, "--json")
    assert said.document["files"] == 4
    (rejection,) = said.document["rejections"]
    assert rejection["at"] == "line 1"
    assert "Python 2" in rejection["reason"]
    assert "rejected" in run("dags", "check", dags).err


def test_a_clean_file_is_fine(run: Run, dags: Path) -> None:
    """Exit 0, and one line that says what was looked at."""
    said = run("dags", "check", dags / "clean.py")
    assert said.code == 0
    assert said.out == "0 findings in 1 file, 0 rejected, Airflow unknown\n"


def test_other_formats_go_to_stdout_alone(run: Run, dags: Path) -> None:
    """SARIF with fixes that fit its schema; annotations worst first."""
    sarif = run("dags", "check", "dags", "--airflow-version", "3.3", "--format", "sarif")
    log = sarif.document
    results = log["runs"][0]["results"]
    assert len(results) == 6
    assert results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith(
        "dags/"
    )
    assert all(result["fixes"] for result in results)
    lines = run("dags", "check", "dags", "--format", "github").out.splitlines()
    assert [line.split()[0] for line in lines] == ["::error"] * 3 + ["::warning"] * 3
    assert run("dags", "check", "dags", "--format", "yaml").code == 2
    assert run("dags", "check", "nowhere").code == 2
    assert run("dags", "check", "dags", "--airflow-version", "new").code == 2


def test_a_sarif_fix_is_the_patch(run: Run, dags: Path) -> None:
    """Replacing the named lines gives the text that the patch gives."""
    log = run(
        "dags", "check", "dags/variables.py", "--airflow-version=3.3", "--format=sarif"
    ).document
    lines = VARIABLES.splitlines(keepends=True)
    for result in log["runs"][0]["results"]:
        made = list(lines)
        (change,) = result["fixes"][0]["artifactChanges"]
        for part in reversed(change["replacements"]):
            region = part["deletedRegion"]
            made[region["startLine"] - 1 : region["endLine"] - 1] = [
                part["insertedContent"]["text"]
            ]
        text = "".join(made)
        ast.parse(text)
        assert text.count("Variable.") == VARIABLES.count("Variable.") - 2

"""The command dags config: settings and retries judged, with an exit code for scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from workbench.exports.documents import check

CONFIG = "[state_store]\ndefault_retention_days = {days}\nclear_on_success = {clear}\n"
DAG = """\
from datetime import timedelta
from airflow.sdk import task


@task(retries=2, retry_delay=timedelta(days=3))
def load(task_state_store=None):
    task_state_store.set("cursor", 1)
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A configuration, and a folder with a DAG file and one that is no Python."""
    (tmp_path / "airflow.cfg").write_text(CONFIG.format(days=2, clear="True"))
    (tmp_path / "dags" / "sub").mkdir(parents=True)
    (tmp_path / "dags" / "sub" / "load.py").write_text(DAG)
    (tmp_path / "dags" / "old.py").write_text("x = (\n")
    return tmp_path


def test_settings_and_retries_are_judged_together(run: Run, files: Path) -> None:
    """A wait of three days is longer than a retention of two; what does not parse is told."""
    said = run("dags", "config", "airflow.cfg", "--dags", "dags", "--json")
    assert said.code == 1
    check(said.document, schema="dags-config")
    found = [(f["rule"], f["path"], f["line"]) for f in said.document["findings"]]
    assert found == [
        ("clears-on-success", "airflow.cfg", 3),
        ("retry-outlives-retention", "dags/sub/load.py", 6),
    ]
    assert [(r["path"], r["at"]) for r in said.document["rejections"]] == [
        ("dags/old.py", "line 1")
    ]
    assert said.document["values"]["[state_store] default_retention_days"] == 2


def test_the_screen_says_the_same(run: Run, files: Path) -> None:
    """One line a finding, what to do below it, and what could not be judged on stderr."""
    said = run("dags", "config", "airflow.cfg", "--dags", "dags")
    assert "dags/sub/load.py:6: HIGH retry-outlives-retention: load: Waits 3 days" in said.out
    assert "NEVER_EXPIRE" in said.out
    assert "dags/old.py: line 1: " in said.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], 0),
        (["--fail-on", "low"], 1),
        (["--fail-on", "HIGH", "--dags", "dags"], 1),
        (["--fail-on", "CRITICAL", "--dags", "dags"], 0),
        (["--airflow-version", "3.2.1", "--dags", "dags"], 0),
        (["--airflow-version", "3.3.2", "--dags", "dags"], 1),
        (["--airflow-version", "newest"], 2),
        (["--fail-on", "bad"], 2),
        (["--dags", "nowhere.py"], 2),
    ],
)
def test_the_exit_code(run: Run, files: Path, words: list[str], code: int) -> None:
    """0 fine, 1 a finding at or over the severity, 2 the caller's mistake."""
    assert run("dags", "config", "airflow.cfg", *words).code == code


def test_variables_count_only_when_asked(
    run: Run, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment of this process is another machine's business unless it is named."""
    monkeypatch.setenv("AIRFLOW__STATE_STORE__DEFAULT_RETENTION_DAYS", "soon")
    assert run("dags", "config", "airflow.cfg").code == 0
    said = run("dags", "config", "airflow.cfg", "--environment", "--json")
    assert said.code == 1
    assert {f["rule"] for f in said.document["findings"]} >= {"wrong-type", "overridden"}


@pytest.mark.parametrize("data", [b"x = 1\n", b"[a]\n[a]\n", b"\xff\xfe[core]\n", b"\x00"])
def test_a_file_that_airflow_could_not_read(run: Run, tmp_path: Path, data: bytes) -> None:
    """It is refused with its line, as the caller's mistake."""
    (tmp_path / "airflow.cfg").write_bytes(data)
    said = run("dags", "config", "airflow.cfg")
    assert (said.code, "airflow.cfg: line" in said.err) == (2, True)

"""The DAG rules where their users' own tools run them: flake8 and pre-commit, for real."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HIT = ROOT / "patterns/dag-rules/S1-own-xcom-as-checkpoint/examples/hit/taskflow.py"
CLEAN = ROOT / "patterns/dag-rules/S1-own-xcom-as-checkpoint/examples/clean/task_store.py"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of a user: two DAGs and the Airflow that runs them."""
    root = tmp_path / "project"
    (root / "dags").mkdir(parents=True)
    shutil.copy(HIT, root / "dags/hit.py")
    shutil.copy(CLEAN, root / "dags/clean.py")
    (root / "requirements.txt").write_text("apache-airflow>=3.3\n")
    return root


def test_flake8_finds_the_plugin_and_reports_its_codes(project: Path) -> None:
    """The entry point is found by flake8 itself; selecting and noqa work as for any code."""
    command = [sys.executable, "-m", "flake8", "--select", "WBS", "dags"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    (line,) = done.stdout.splitlines()
    assert line.startswith("dags/hit.py:11:")
    assert " WBS001 Task " in line
    text = (project / "dags/hit.py").read_text().splitlines()
    text[10] += "  # noqa: WBS001"
    (project / "dags/hit.py").write_text("\n".join(text) + "\n")
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_flake8_takes_the_version_from_its_own_configuration(project: Path) -> None:
    """Below 3.3 nothing is recommended that does not exist there."""
    (project / ".flake8").write_text("[flake8]\nairflow-version = 3.1\nselect = WBS\n")
    command = [sys.executable, "-m", "flake8", "dags"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert "WBS001" in done.stdout
    assert "task_state_store" not in done.stdout


@pytest.mark.registry
def test_pre_commit_installs_the_hook_and_runs_it(project: Path, tmp_path: Path) -> None:
    """The hook of this repository's last commit, in an environment that pre-commit makes."""
    clone = tmp_path / "clone"
    git = ["git", "-c", "user.name=T", "-c", "user.email=t@example.org"]
    subprocess.run([*git, "clone", "-q", "--no-local", str(ROOT), str(clone)], check=True)
    subprocess.run([*git, "init", "-q", str(project)], check=True)
    subprocess.run([*git, "-C", str(project), "add", "-A"], check=True)
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", str(clone), "dag-rules", "--all-files"],
        cwd=project,
        env={**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Failed" in done.stdout, done.stdout + done.stderr
    assert "dags/hit.py:11" in done.stdout
    assert "1 finding in 2 files" in done.stdout
    assert "dags/clean.py" not in done.stdout

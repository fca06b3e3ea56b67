"""Releases: locks come along, an environment is made once, and impossible wishes are refused."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from workbench.errors import LabError
from workbench.lab import releases
from workbench.lab.calls import count_calls
from workbench.lab.releases import LOCKS, Environment, known_releases, open_release


def test_three_locks_come_along() -> None:
    """The affected release and its neighbours, every package pinned to one version."""
    assert known_releases() == ("3.1.6", "3.1.7", "3.1.8")
    for release in known_releases():
        lines = (LOCKS / f"{release}.txt").read_text("utf-8").splitlines()
        pins = [line for line in lines if line and not line.startswith("#")]
        assert f"apache-airflow-core=={release}" in pins
        assert all("==" in pin for pin in pins)


def test_an_environment_that_is_there_is_taken(tmp_path: Path) -> None:
    """The folder's name holds the lock and the Python; nothing is installed again."""
    lock = (LOCKS / "3.1.7.txt").read_bytes()
    digest = hashlib.sha256(lock + sys.version.encode()).hexdigest()[:12]
    folder = tmp_path / f"3.1.7-{digest}"
    folder.mkdir()
    (folder / "installed").touch()
    said: list[str] = []
    assert open_release("3.1.7", cache=tmp_path, say=said.append).folder == folder
    assert said == []


def test_half_an_environment_is_never_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installer that fails leaves no folder, and its words are told."""
    tool = tmp_path / "uv"
    tool.write_text("#!/bin/sh\necho 'no route to the index' >&2\nexit 1\n")
    tool.chmod(0o755)
    monkeypatch.setattr(releases, "_uv", lambda: str(tool))
    said: list[str] = []
    with pytest.raises(LabError, match="no route to the index"):
        open_release("3.1.7", cache=tmp_path / "cache", say=said.append)
    assert list((tmp_path / "cache").iterdir()) == []
    assert "installing Airflow 3.1.7" in said[0]
    with pytest.raises(LabError, match="no route to the index"):
        open_release("3.2.0", cache=tmp_path / "cache")
    monkeypatch.setattr(releases, "_uv", lambda: None)
    with pytest.raises(LabError, match="needs uv"):
        open_release("3.2.0", cache=tmp_path / "cache")


@pytest.mark.parametrize("release", ["", "latest", "3.1", "3.1.7; rm", "../3.1.7", "3.1.7rc1"])
def test_what_is_no_release_is_refused(release: str, tmp_path: Path) -> None:
    """Three numbers, and nothing that a path or a shell could take otherwise."""
    with pytest.raises(LabError, match="no release"):
        open_release(release, cache=tmp_path)


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"task_instances": 0}, "task_instances is 0"),
        ({"task_instances": 10, "positions": [10]}, "positions are [10]"),
        ({"positions": []}, "positions are []"),
        ({"positions": [-1]}, "positions are [-1]"),
        ({"dag_runs": 0}, "dag_runs is 0"),
        ({"history_rows": -5}, "history_rows is -5"),
    ],
)
def test_impossible_counts_are_refused(wishes: dict[str, object], said: str) -> None:
    """Before anything is installed or run."""
    import re

    with pytest.raises(LabError, match=re.escape(said)):
        count_calls("3.1.7", **wishes)  # type: ignore[arg-type]


def test_a_run_sees_nothing_of_the_users_airflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings of a real installation do not reach the release; a failure tells its last words."""
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://production")
    program = tmp_path / "tell.py"
    program.write_text(
        "import json, os, sys\n"
        "job = json.load(sys.stdin)\n"
        "if job.get('fail'): sys.exit('the scheduler is on fire')\n"
        "print('noise')\n"
        "print('LAB ' + json.dumps(os.environ['AIRFLOW__DATABASE__SQL_ALCHEMY_CONN']))\n"
    )
    monkeypatch.setattr(releases, "PROGRAMS", tmp_path)
    here = Environment(release="3.1.7", python=Path(sys.executable), folder=tmp_path)
    assert here.run("tell", {}).startswith("sqlite:////")
    assert here.run("tell", {}, database="sqlite://") == "sqlite://"
    with pytest.raises(LabError, match="the scheduler is on fire"):
        here.run("tell", {"fail": True})
    program.write_text("import time\ntime.sleep(60)\n")
    with pytest.raises(LabError, match=r"longer than 0\.2 s"):
        here.run("tell", {}, seconds=0.2)

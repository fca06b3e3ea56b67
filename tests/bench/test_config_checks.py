"""A configuration and DAG files are fetched and held against each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.bench.config_checks import check_config
from workbench.errors import PatternError, SourceError

DAG = """\
from airflow.sdk import task


@task(retries=2, retry_delay={delay})
def load(task_state_store=None):
    task_state_store.set("cursor", 1)
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "airflow.cfg"
    file.write_text("[state_store]\ndefault_retention_days = 1\n")
    return file


def test_what_is_open_comes_from_the_environment(config: Path, tmp_path: Path) -> None:
    """A retention in the environment decides whether a wait is too long."""
    (tmp_path / "d.py").write_text(DAG.format(delay=100_000))
    days = "AIRFLOW__STATE_STORE__DEFAULT_RETENTION_DAYS"
    short = check_config(config, dags=[tmp_path / "d.py"])
    long = check_config(config, dags=[tmp_path / "d.py"], environment={days: "30"})
    assert [f.rule for f in short.findings] == ["retry-outlives-retention"]
    assert [f.rule for f in long.findings] == ["overridden"]


def test_what_could_not_be_judged_is_kept(config: Path, tmp_path: Path) -> None:
    """A file that is no Python and a delay that only a run would tell are told, others judged."""
    (tmp_path / "a.py").write_text("def (:\n")
    (tmp_path / "b.py").write_text(DAG.format(delay="computed()"))
    (tmp_path / "c.py").write_text(DAG.format(delay=200_000))
    lint = check_config(config, dags=[tmp_path])
    assert [Path(r.path).name for r in lint.rejections] == ["a.py", "b.py"]
    assert [Path(f.path).name for f in lint.findings] == ["c.py"]


def test_before_3_3_nothing_is_judged(config: Path, tmp_path: Path) -> None:
    """The version that a caller names decides."""
    (tmp_path / "d.py").write_text(DAG.format(delay=100_000))
    lint = check_config(config, dags=[tmp_path], airflow_version="3.2.1")
    assert [f.rule for f in lint.findings] == ["not-read"]


def test_what_is_not_there_is_the_callers_mistake(config: Path, tmp_path: Path) -> None:
    """A missing file, a configuration that Airflow could not read, patterns without a reference."""
    with pytest.raises(SourceError):
        check_config(tmp_path / "none.cfg")
    (tmp_path / "broken.cfg").write_text("x = 1\n")
    with pytest.raises(SourceError, match=r"broken\.cfg: line 1"):
        check_config(tmp_path / "broken.cfg")
    with pytest.raises(PatternError, match="no reference"):
        check_config(config, patterns=tmp_path)

"""The Airflow of a project is what its own files say."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.errors import SourceError
from workbench.sources.airflow_versions import project_version, stated_version


@pytest.mark.parametrize(
    ("name", "text", "said", "has"),
    [
        ("requirements.txt", "apache-airflow==3.3.1\n", "3.3.1", True),
        ("requirements.txt", "apache-airflow[celery]==3.2.1 # pinned\n", "3.2.1", False),
        ("requirements-prod.txt", "Apache_Airflow_Core >= 3.3, < 4\n", "<4,>=3.3", True),
        ("requirements.txt", "apache-airflow-task-sdk==1.3.2\n", "1.3.2", True),
        ("requirements.txt", "apache-airflow-task-sdk~=1.2.0\n", "~=1.2.0", False),
        ("requirements.txt", "apache-airflow>=2.9\n", ">=2.9", None),
        ("requirements.txt", "apache-airflow==3.3.*\n", "==3.3.*", True),
        ("requirements.txt", "apache-airflow==3.4.0 --hash=sha256:00 \\\n", "3.4.0", True),
        ("constraints-3.12.txt", "apache-airflow<3.3\n", "<3.3", False),
        (
            "pyproject.toml",
            '[project]\ndependencies = ["apache-airflow~=3.3.0"]\n',
            "~=3.3.0",
            True,
        ),
        (
            "pyproject.toml",
            '[dependency-groups]\ndev = ["apache-airflow==2.11.0", {include-group = "x"}]\n',
            "2.11.0",
            False,
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\napache-airflow = {version = "^3.3"}\n',
            "<4,>=3.3",
            True,
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\napache-airflow = "3.1.0"\n',
            "3.1.0",
            False,
        ),
        (
            "setup.cfg",
            "[options]\ninstall_requires =\n    requests\n    apache-airflow==3.3.0\n",
            "3.3.0",
            True,
        ),
        ("Dockerfile", "FROM docker.io/apache/airflow:slim-3.1.7-python3.12\n", "3.1.7", False),
        ("requirements.txt", "apache-airflow\nrequests==2\n", "", None),
        ("requirements.txt", "apache-airflow-providers-amazon==9\n", "", None),
        ("pyproject.toml", "not toml at all =", "", None),
        ("setup.cfg", "no section\n", "", None),
    ],
)
def test_a_projects_own_files_tell(
    tmp_path: Path, name: str, text: str, said: str, has: bool | None
) -> None:
    """Pins and ranges, in every file that people keep them in; what tells nothing is unknown."""
    (tmp_path / ".git").mkdir()
    (tmp_path / name).write_text(text, encoding="utf-8")
    dags = tmp_path / "team" / "dags"
    dags.mkdir(parents=True)
    found = project_version(dags, environment=False)
    assert found.has_store is has
    assert found.text == said
    assert (name in found.source) is bool(said)


def test_the_nearest_folder_decides_and_a_pin_beats_a_range(tmp_path: Path) -> None:
    """A team's own pin wins over the repository's, a constraint over a wide range."""
    (tmp_path / "requirements.txt").write_text("apache-airflow==2.10.0\n")
    team = tmp_path / "team"
    team.mkdir()
    (team / "pyproject.toml").write_text('[project]\ndependencies = ["apache-airflow>=2"]\n')
    (team / "constraints.txt").write_text("apache-airflow==3.3.2\n")
    found = project_version(team, environment=False)
    assert (found.text, found.has_store) == ("3.3.2", True)
    assert found.source == "apache-airflow in constraints.txt"


def test_the_search_ends_with_the_repository(tmp_path: Path) -> None:
    """What lies above the repository says nothing about it."""
    (tmp_path / "requirements.txt").write_text("apache-airflow==3.3.0\n")
    repository = tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    assert project_version(repository, environment=False).has_store is None
    assert str(project_version(repository, environment=False)) == "unknown"


@pytest.mark.parametrize(
    ("text", "has"),
    [("3.3", True), ("3.3.0rc1", True), ("3.2.9", False), ("2.11", False), ("4", True)],
)
def test_a_stated_version_counts(text: str, has: bool) -> None:
    """A release candidate of 3.3 has what 3.3 has."""
    assert stated_version(text).has_store is has


def test_a_version_that_is_none_is_the_callers_mistake() -> None:
    """The message says how one looks."""
    with pytest.raises(SourceError, match=r"3\.3 or 3\.2\.1"):
        stated_version("latest")

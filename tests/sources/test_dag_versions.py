"""An earlier version of a DAG file is a path or a revision of the repository it stands in."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from workbench.domain.history import Rejection
from workbench.errors import SourceError
from workbench.sources.dag_files import DagFile
from workbench.sources.dag_versions import earlier_versions


def _git(root: Path, *words: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, "-C", str(root), *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits: a DAG with x = 1, then x = 2 and a second file."""
    root = tmp_path / "repo"
    (root / "dags").mkdir(parents=True)
    _git(tmp_path, "init", "-q", "-b", "main", str(root))
    (root / "dags/a.py").write_text("x = 1\n")
    _git(root, "add", "-A")
    _git(root, "commit", "-q", "-m", "one")
    _git(root, "tag", "v1")
    (root / "dags/a.py").write_text("x = 2\n")
    (root / "dags/b.py").write_text("y = 1\n")
    _git(root, "add", "-A")
    _git(root, "commit", "-q", "-m", "two")
    return root


@pytest.mark.parametrize("name", ["v1", "HEAD~1", "main~1"])
def test_a_revision_gives_the_file_as_it_was(repository: Path, name: str) -> None:
    """A file that came later has no earlier version; nor has one outside the repository."""
    earlier = earlier_versions(name, [repository / "dags"])
    found = earlier.of(str(repository / "dags/a.py"))
    assert isinstance(found, DagFile)
    assert (found.text, found.path) == ("x = 1\n", f"{name}:dags/a.py")
    assert earlier.of(str(repository / "dags/b.py")) is None
    assert earlier.of(str(repository.parent / "c.py")) is None


def test_a_version_that_does_not_parse_is_refused_with_its_place(repository: Path) -> None:
    """The line is the earlier version's."""
    (repository / "dags/a.py").write_text("x = 1\ndef (\n")
    _git(repository, "commit", "-q", "-a", "-m", "bad")
    found = earlier_versions("HEAD", [repository / "dags"]).of(str(repository / "dags/a.py"))
    assert isinstance(found, Rejection)
    assert (found.path, found.at) == ("HEAD:dags/a.py", "line 2")


def test_a_path_wins_over_a_revision(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies there was meant."""
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1/a.py").write_text("x = 0\n")
    monkeypatch.chdir(tmp_path)
    found = earlier_versions("v1", [repository / "dags"]).of(str(repository / "dags/a.py"))
    assert isinstance(found, DagFile)
    assert found.text == "x = 0\n"


@pytest.mark.parametrize("name", ["never", "--help", "v1 --exec=x"])
def test_what_is_neither_is_said(
    repository: Path, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The error says what would be right."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match="no earlier version"):
        earlier_versions(name, [repository / "dags"])

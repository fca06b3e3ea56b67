"""A bench with the shipped case, loaded once by command, and a way to run commands."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from workbench.cli import main
from workbench.shipped_files import shipped

CASE = shipped("fixtures") / "cases" / "2026-02-scheduler"


@dataclass(frozen=True)
class Said:
    """What a command answered: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout."""
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def command(*words: object) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        said = capsys.readouterr()
        code = left.value.code
        return Said(code if isinstance(code, int) else int(bool(code)), said.out, said.err)

    return command


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bench that holds the shipped case and its facts; nobody writes to it."""
    bench = tmp_path_factory.mktemp("bench") / "case.duckdb"
    for words in (["load", "case", str(CASE)], ["hits", "--json"]):
        with pytest.raises(SystemExit) as left:
            main([*words, "--bench", str(bench)])
        assert left.value.code == 0
    return bench


@pytest.fixture
def bench(loaded: Path, tmp_path: Path) -> Path:
    """A copy of the loaded bench that a test may write to."""
    return Path(shutil.copy(loaded, tmp_path / "bench.duckdb"))

"""Earlier versions of DAG files: beside them, or a revision of their repository."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.domain.history import Rejection
from workbench.errors import Place, SourceError
from workbench.sources.dag_files import DagFile, parsed, read_dag_file


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierPlace:
    """A file or folder that holds the earlier version: at the same place below it."""

    path: Path
    roots: tuple[Path, ...]

    def of(self, path: str) -> DagFile | Rejection | None:
        """Return the earlier version of a file, or None where it was not there."""
        if self.path.is_file():
            return read_dag_file(self.path)
        for root in self.roots:
            inside = Path(path).is_relative_to(root) and root.is_dir()
            former = self.path / (Path(path).relative_to(root) if inside else Path(path).name)
            if former.is_file():
                return read_dag_file(former)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRevision:
    """A commit of the repository that the files stand in; files elsewhere have no version there."""

    top: Path
    commit: str
    name: str

    def of(self, path: str) -> DagFile | Rejection | None:
        """Return the earlier version of a file, or None where it was not there."""
        real = Path(path).resolve()
        if not real.is_relative_to(self.top):
            return None
        inside = real.relative_to(self.top).as_posix()
        done = _git(self.top, "cat-file", "blob", f"{self.commit}:{inside}")
        return parsed(f"{self.name}:{inside}", done.stdout) if done.returncode == 0 else None


def earlier_versions(
    before: Path | str, paths: Sequence[Path | str]
) -> EarlierPlace | EarlierRevision:
    """Find what ``before`` names: a path that is there, else a revision.

    Raises
    ------
    SourceError
        It is neither.
    """
    if Path(before).exists():
        return EarlierPlace(path=Path(before), roots=tuple(Path(path) for path in paths))
    named = str(before)
    for path in map(Path, paths):
        folder = path if path.is_dir() else path.parent
        top = _git(folder, "rev-parse", "--show-toplevel")
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{named}^{{commit}}")
        commit = _git(folder, *asked)
        if top.returncode == 0 and commit.returncode == 0:
            return EarlierRevision(
                top=Path(os.fsdecode(top.stdout).rstrip("\n")).resolve(),
                commit=commit.stdout.decode().strip(),
                name=named,
            )
    raise SourceError(
        f"There is no earlier version at {named}.",
        where=Place(path=named),
        right="A file or folder that is there, or a revision of the DAGs' own repository.",
    )


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Ask git about the folder's own repository; nothing that the caller's environment names."""
    sealed = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    sealed |= {"LC_ALL": "C", "GIT_ALLOW_PROTOCOL": "", "GIT_NO_REPLACE_OBJECTS": "1"}
    command = ["git", "--no-optional-locks", "-C", str(folder), *words]
    try:
        return subprocess.run(command, env=sealed, capture_output=True, check=False)
    except FileNotFoundError:
        return subprocess.CompletedProcess(command, 127, b"", b"")

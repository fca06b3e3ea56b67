"""The verb ``check_dags``: files and versions fetched, the rules asked, one record given."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from workbench.analysis.dag_rules.check import check_text, fix_text
from workbench.domain.dag_rules import AirflowVersion, DagCheck, DagFinding, DagRule
from workbench.domain.history import Rejection
from workbench.knowledge.dag_rules import dag_rules
from workbench.sources.airflow_versions import project_version, stated_version
from workbench.sources.dag_files import DagFile, read_dag_file, read_dag_files
from workbench.sources.dag_ignores import Ignored
from workbench.sources.dag_versions import earlier_versions


def check_dags(
    paths: Path | str | Sequence[Path | str],
    *,
    airflow_version: str | None = None,
    before: Path | str | None = None,
    patterns: Path | str | None = None,
) -> DagCheck:
    """Check DAG files for state that does not survive a retry, or is kept in the wrong place.

    Parameters
    ----------
    paths : path or sequence of paths
        Files, and folders that are searched for ``*.py`` and ``*.zip``; what an
        ``.airflowignore`` below such a folder leaves out is not checked, and is listed.
    airflow_version : str, optional
        The Airflow that runs them. Left out, the requirement files of each file's own project
        tell, then what is installed beside the workbench; else it is unknown, and findings say so.
    before : path or str, optional
        An earlier version of the same file or folder, for what only a change shows: a path, or a
        revision of the repository that the files stand in (``origin/main``, ``v1.2``).
    patterns : path, optional
        Folder with ``dag-rules``; ``./patterns`` if it has them, else the shipped ones.

    Raises
    ------
    SourceError
        A path is not there, or the version is none.
    PatternError
        The rules cannot be used.
    """
    started = time.monotonic()
    given = [paths] if isinstance(paths, Path | str) else list(paths)
    rules = dag_rules(patterns)
    versions = Versions(stated_version(airflow_version) if airflow_version else None)
    earlier = earlier_versions(before, given) if before is not None else None
    findings: list[DagFinding] = []
    rejections: list[Rejection] = []
    ignored: list[str] = []
    files = 0
    for read in read_dag_files(given):
        if isinstance(read, Ignored):
            ignored.append(read.path)
            continue
        if isinstance(read, Rejection):
            rejections.append(read)
            continue
        files += 1
        former = earlier.of(read.path) if earlier is not None else None
        if isinstance(former, Rejection):
            rejections.append(former)
        found, refused = _checked(read, rules, versions, former)
        findings += found
        rejections += refused
    return DagCheck(
        findings=tuple(findings),
        rejections=tuple(rejections),
        files=files,
        ignored=tuple(ignored),
        versions=dict(versions.of_folder),
        seconds=time.monotonic() - started,
    )


def fix_dags(check: DagCheck, *, patterns: Path | str | None = None) -> tuple[str, ...]:
    """Write the repairs of a check into its files; return the files that were written.

    Where the Airflow version is not known, only what every version has is written. What only a
    comparison with an earlier version shows is shown as a patch and not written: a change of the
    key may be meant.
    """
    rules = dag_rules(patterns)
    written = []
    for path in sorted({finding.path for finding in check.findings if finding.fix}):
        read = read_dag_file(Path(path))
        if isinstance(read, Rejection):
            continue
        version = check.versions[_folder(path)]
        if version.has_store is None:
            version = replace(version, has_store=False)
        made = fix_text(read.text, rules=rules, version=version)
        if made != read.text:
            _write(Path(path), made)
            written.append(path)
    return tuple(written)


class Versions:
    """The Airflow of each folder, looked up once."""

    def __init__(self, stated: AirflowVersion | None) -> None:
        self.stated = stated
        self.of_folder: dict[str, AirflowVersion] = {}

    def __getitem__(self, path: str) -> AirflowVersion:
        folder = _folder(path)
        if folder not in self.of_folder:
            self.of_folder[folder] = self.stated or project_version(Path(folder))
        return self.of_folder[folder]


def _folder(path: str) -> str:
    return Path(path).parent.as_posix()


def _checked(
    read: DagFile, rules: Sequence[DagRule], versions: Versions, former: DagFile | Rejection | None
) -> tuple[tuple[DagFinding, ...], tuple[Rejection, ...]]:
    try:
        found = check_text(
            read.text,
            path=read.path,
            patch_path=_patch_path(read.path),
            rules=rules,
            version=versions[read.path],
            tree=read.tree,
            before=former.text if isinstance(former, DagFile) else None,
            fixes=not read.packaged,
        )
    except RecursionError:
        reason = "Is nested too deeply to be followed."
        return (), (Rejection(path=read.path, at="line 1", reason=reason),)
    return found, ()


def _patch_path(path: str) -> str:
    """How a patch names the file: from here, so that it applies here."""
    shown = os.path.relpath(path)
    return path if shown.startswith("..") else Path(shown).as_posix()


def _write(path: Path, text: str) -> None:
    """Write text with the line ends that the file has."""
    ends = b"\r\n" in path.read_bytes()
    path.write_bytes((text.replace("\n", "\r\n") if ends else text).encode("utf-8"))

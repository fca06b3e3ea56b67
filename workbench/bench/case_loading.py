"""A case folder into the store: each input of its case.toml by the source that reads it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.domain.cases import Case
from workbench.domain.frames import CASES
from workbench.domain.loading import LoadResult
from workbench.errors import Place, SourceError
from workbench.sources.case_files import read_case
from workbench.sources.downstreams import read_downstream
from workbench.sources.failure_inputs import read_input
from workbench.sources.git import read_git
from workbench.sources.loops import read_loops
from workbench.sources.query_stats import read_query_stats
from workbench.sources.timelines import read_timeline
from workbench.store import writers

if TYPE_CHECKING:
    from workbench.bench import Bench

SCRIPT_SECONDS = 300


def load_case(bench: Bench, folder: Path, *, with_history: bool) -> Case:
    """Load a case's inputs; what is loaded already stays as it is.

    Raises
    ------
    SourceError
        The case file has defects (all are listed), or its history script fails.
    """
    return load_case_counted(bench, folder, with_history=with_history)[0]


def load_case_counted(
    bench: Bench, folder: Path, *, with_history: bool
) -> tuple[Case, dict[str, LoadResult]]:
    """The case, and for each of its inputs what loading it did."""
    case = read_case(folder)
    _file_case(bench, case)
    results: dict[str, LoadResult] = {}
    for path in case.timeline:
        results[_short(case, path)] = bench.load(read_timeline(path, case_id=case.id))
    for path in case.logs:
        failures = read_input(str(path), captures=_captures(bench), case_id=case.id)
        results[_short(case, path)] = bench.load(failures)
    for snapshot, paths in (("before", case.stats_before), ("after", case.stats_after)):
        for path in paths:
            source = read_query_stats(path, snapshot=snapshot, case_id=case.id)
            results[_short(case, path)] = bench.load(source)
    for path in case.loops:
        results[_short(case, path)] = bench.load(read_loops(path, case_id=case.id))
    if with_history:
        results |= _load_surroundings(bench, case)
    return case, results


def _load_surroundings(bench: Bench, case: Case) -> dict[str, LoadResult]:
    """The history that the case brings, and the downstreams that lean on it."""
    results: dict[str, LoadResult] = {}
    if case.history is not None:
        repository = built_history(bench, case)
        source = read_git(repository, name=f"{case.id}-upstream")
        results[_short(case, case.history)] = bench.load(source)
    rules = bench.catalogue.coupling_rules()
    for path in case.downstreams:
        results[_short(case, path)] = bench.load(read_downstream(path, coupling=rules))
    return results


def built_history(bench: Bench, case: Case) -> Path:
    """The case's repository; a script is run once with the folder to build it in.

    Raises
    ------
    SourceError
        The script fails; its own words are shown.
    """
    assert case.history is not None
    if case.history.suffix != ".py":
        return case.history
    edition = _edition(case.history)
    target = bench.store.path.parent / ".workbench-histories" / f"{case.id}-{edition}.git"
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    building = target.with_name(f"{target.name}.{os.getpid()}.part")
    command = [sys.executable, str(case.history), str(building)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=SCRIPT_SECONDS, check=False
    )
    if done.returncode != 0:
        what = f"The script that builds the case's history failed: {done.stderr.strip()[-500:]}"
        raise SourceError(what, where=Place(path=str(case.history)))
    building.rename(target)
    return target


def _edition(script: Path) -> str:
    """Digest a script and the folder of its name: an edited one builds another repository."""
    content = hashlib.blake2b(script.read_bytes(), digest_size=6)
    beside = script.with_suffix("")
    for file in sorted(beside.rglob("*")) if beside.is_dir() else ():
        if file.is_file() and "__pycache__" not in file.parts:
            content.update(file.relative_to(beside).as_posix().encode() + b"\0" + file.read_bytes())
    return content.hexdigest()


def _file_case(bench: Bench, case: Case) -> None:
    row = CASES.frame(
        [
            {
                "case_id": case.id,
                "title": case.title,
                "started_utc": case.started_utc,
                "ended_utc": case.ended_utc,
                "running_version": case.running_version,
                "deployed_utc": case.deployed_utc,
                "folder": str(case.folder),
            }
        ]
    )
    with bench.store.writing(doing=f"filing case {case.id}") as connection:
        connection.execute("DELETE FROM cases WHERE case_id = ?", [case.id])
        writers.insert(connection, "cases", row)


def _captures(bench: Bench) -> Path:
    return bench.store.path.parent / "captures"


def _short(case: Case, path: Path) -> str:
    return (
        path.relative_to(case.folder).as_posix() if path.is_relative_to(case.folder) else str(path)
    )

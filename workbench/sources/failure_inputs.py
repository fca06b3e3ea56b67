"""Which reader a word of the user asks for: an address, a database, a tree, a file of some kind."""

from __future__ import annotations

import json
from pathlib import Path

from workbench.domain.loading import Source
from workbench.sources.airflow_api import read_answers, read_server
from workbench.sources.airflow_api.sweep import ASKED, SWEPT
from workbench.sources.memory_yaml import read_memory
from workbench.sources.metadata_db import is_dsn, is_sqlite, read_metadata
from workbench.sources.task_logs import read_failures

ANSWERS = (
    *('"task_instances"', '"dag_runs"', '"event_logs"', '"import_errors"', '"content"'),
    *('"event_log_id"', '"import_error_id"', '"dag_run_id"', f'"{ASKED}"'),
)
LOOKED_AT = 64 << 10
MOST_FOLDERS = 10_000


def read_input(
    word: str, *, captures: Path, case_id: str | None = None, site: str | None = None
) -> Source:
    """Give the source that reads what a word names.

    Parameters
    ----------
    word : str
        ``http://...`` of a server, ``postgresql://...``, or a path.
    captures : Path
        Folder that a server's answers are kept in.
    case_id : str, optional
        The case whose failures they are.
    site : str, optional
        Name of the Airflow installation, where several run the same DAGs.

    Raises
    ------
    SourceError
        Nothing of the kind can be read.
    """
    if word.startswith(("http://", "https://")):
        return read_server(word, captures=captures, case_id=case_id, site=site)
    path = Path(word).expanduser()
    if is_dsn(word) or is_sqlite(path):
        return read_metadata(word, case_id=case_id, site=site)
    if path.suffix in (".yaml", ".yml"):
        return read_memory(path, case_id=case_id)
    if _holds_answers(path):
        return read_answers(path, case_id=case_id, site=site)
    return read_failures(path, case_id=case_id, site=site)


def _holds_answers(path: Path) -> bool:
    """Whether a file, or the first file of a folder, is one JSON document of the REST API."""
    if path.is_dir():
        first = next(iter(sorted(path.glob("*.json"))), None)
        return _holds_answers(first) if first is not None else _holds_captures(path)
    if not path.is_file() or path.suffix != ".json":
        return False
    with path.open("rb") as file:
        head = file.read(LOOKED_AT).decode("utf-8", "replace").lstrip("\ufeff \r\n\t")
    if not head.startswith(("{", "[")) or not any(name in head for name in ANSWERS):
        return False
    try:
        line = json.loads(head.split("\n", 1)[0])
    except ValueError:
        return True
    return not (isinstance(line, dict) and ("text" in line or "event" in line))


def _holds_captures(folder: Path, *, depth: int = 2) -> bool:
    """Whether a folder is what answers of servers were kept in: a folder each, and one a sweep."""
    folders = sorted(inside for inside in folder.iterdir() if inside.is_dir())
    if not depth or len(folders) > MOST_FOLDERS or any("=" in inside.name for inside in folders):
        return False
    for inside in folders:
        first = next(iter(sorted(inside.glob("*.json"))), None)
        if first is not None:
            with first.open("rb") as file:
                return ASKED.encode() in file.read(LOOKED_AT) or first.name == SWEPT
    return any(_holds_captures(inside, depth=depth - 1) for inside in folders)

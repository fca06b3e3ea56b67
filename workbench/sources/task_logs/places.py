"""Where a log file stands, and what the folders above it say about the try."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from workbench.text.redact import redact

ATTEMPT = re.compile(r"attempt=(?P<number>\d{1,9})\.log(?:\.trigger\.(?P<job>\d+)\.log)?", re.ASCII)
INDEX = re.compile(r"-?\d{1,9}", re.ASCII)
FIRST_FOLDER = "dag_id="


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """One file of a try: its path, what stands for it in rows, and what its folders say."""

    path: Path
    origin: str
    dag_id: str | None = None
    run_id: str | None = None
    task_id: str | None = None
    map_index: int = -1
    try_number: int | None = None
    triggers: tuple[Path, ...] = ()


def log_files(root: Path) -> Iterator[LogFile | Path | OSError]:
    """Yield the tries of a tree in the order of their paths, all other files, and what is closed.

    A file of the triggerer goes with the try it belongs to, or is a try's only file. Links to
    folders are not followed.
    """
    closed: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=closed.append):
        folders.sort()
        attempts: dict[int, list[str]] = {}
        for name in sorted(names):
            # a pipe of that name would never end
            if (found := ATTEMPT.fullmatch(name)) and Path(folder, name).is_file():
                attempts.setdefault(int(found["number"]), []).append(name)
            else:
                yield Path(folder, name)
        for _, files in sorted(attempts.items()):
            # the try's own name is the shortest, so it comes first
            own, *rest = (Path(folder, name) for name in sorted(files, key=len))
            yield log_file(own, root=root, triggers=tuple(rest))
    yield from closed


def log_file(path: Path, *, root: Path | None = None, triggers: tuple[Path, ...] = ()) -> LogFile:
    """Return what a file's place says; ``root`` is the tree that it was found in."""
    origin = _origin(path, root)
    said = dict(part.split("=", 1) for part in PurePath(origin).parts[:-1] if "=" in part)
    index, attempt = said.get("map_index", ""), ATTEMPT.fullmatch(path.name)
    return LogFile(
        path=path,
        origin=origin,
        dag_id=said.get("dag_id"),
        run_id=said.get("run_id"),
        task_id=said.get("task_id"),
        map_index=int(index) if INDEX.fullmatch(index) else -1,
        try_number=int(attempt["number"]) if attempt else None,
        triggers=triggers,
    )


def _origin(path: Path, root: Path | None) -> str:
    """Return the path from the tree's own folder on, redacted: the same wherever it stands."""
    if root is not None and not root.name.startswith(FIRST_FOLDER):
        inside = path.relative_to(root)
        parts: tuple[str, ...] = (root.resolve().name, *inside.parts)
    else:
        whole = path.resolve().parts
        first = next((i for i, p in enumerate(whole) if p.startswith(FIRST_FOLDER)), len(whole) - 1)
        parts = whole[first:]
    return shown("/".join(part for part in parts if part))


def shown(path: Path | str) -> str:
    """Return a path as it may be kept: text, redacted."""
    return redact(str(path).encode("utf-8", "replace").decode())

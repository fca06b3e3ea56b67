"""What a DAG folder's ``.airflowignore`` files leave out, as Airflow 3 reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.domain.history import Rejection

NAME = ".airflowignore"
MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class IgnoreFile:
    """One ``.airflowignore``: its folder, and its patterns compiled."""

    folder: Path
    patterns: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A file or a folder that an ``.airflowignore`` leaves out, and which one does."""

    path: str
    by: str


def ignore_file(folder: Path) -> IgnoreFile | Rejection | None:
    """Read a folder's own ``.airflowignore``; None without one.

    Its lines are glob patterns as in a ``.gitignore``, the default of ``[core]
    dag_ignore_file_syntax`` since Airflow 3.0 (apache-airflow-core 3.3.2,
    ``airflow/config_templates/config.yml``). A file that cannot be read leaves nothing out, and
    is a rejection.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    from pathspec import GitIgnoreSpec

    try:
        if path.stat().st_size > MOST_BYTES:
            return Rejection(path=path.as_posix(), at="", reason="Is too large: at most 1 MB.")
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        return Rejection(path=path.as_posix(), at="", reason=f"Is no UTF-8 text: {error.reason}.")
    except OSError as error:
        return Rejection(path=path.as_posix(), at="", reason=f"Cannot be read: {error.strerror}.")
    try:
        return IgnoreFile(folder, GitIgnoreSpec.from_lines(lines))
    except ValueError as error:
        line = next((n for n, text in enumerate(lines, 1) if not _compiles(text)), 1)
        reason = f"Has a pattern that is none: {error}."
        return Rejection(path=path.as_posix(), at=f"line {line}", reason=reason)


def ignored(path: Path, files: Sequence[IgnoreFile], *, folder: bool) -> Ignored | None:
    """Whether one of the ignore files above a path leaves it out; the innermost word counts."""
    for file in reversed(files):
        inside = path.relative_to(file.folder).as_posix() + ("/" if folder else "")
        word = file.patterns.check_file(inside).include
        if word is not None:
            by = (file.folder / NAME).as_posix()
            return Ignored(path=path.as_posix(), by=by) if word else None
    return None


def _compiles(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True

"""DAG files below some paths, read and parsed one by one; what cannot be read is refused."""

from __future__ import annotations

import ast
import io
import os
import re
import stat
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.domain.history import Rejection
from workbench.errors import Place, SourceError
from workbench.sources.dag_archives import archived
from workbench.sources.dag_ignores import Ignored, IgnoreFile, ignore_file, ignored

MOST_BYTES = 2 * 1024 * 1024
"""No hand-written DAG file is longer; a parser takes seconds and gigabytes for what is."""
READ = (".py", ".ipynb", ".zip")
SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages"})
JINJA = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
PYTHON_2 = re.compile(
    r"Missing parentheses in call to '(print|exec)'|multiple exception types must be parenthesized"
    r"|leading zeros in decimal|invalid (decimal|hexadecimal) literal|inconsistent use of tabs"
)
PYTHON_2_TEXT = re.compile(
    r"(?m)^\s*(print\s+[\"'\w]|exec\s+[\"'\w]|raise\s+\w+\s*,|except\s+\w+\s*,)|<>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DagFile:
    """A file that was read: ``path`` as it was asked for, its text and its tree.

    ``packaged`` says that it lies in a zip archive, so that no patch can be written into it.
    """

    path: str
    text: str
    tree: ast.Module
    packaged: bool = False


def read_dag_files(paths: Sequence[Path | str]) -> Iterator[DagFile | Rejection | Ignored]:
    """Read every Python file at or below the paths, each once, sorted below each path.

    Zip archives are read as Airflow reads packaged DAGs: the Python files at their top. What an
    ``.airflowignore`` below a given folder leaves out is told as ignored; a path that was given is
    read whatever such a file says. A notebook, a file that does not parse, is too large, is a
    template, is Python 2 or cannot be opened is a rejection with its place, and so is a link that
    leads back to where it stands.

    Raises
    ------
    SourceError
        One of the paths is not there.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise SourceError("There is no such file or folder.", where=Place(path=str(path)))
    seen: set[tuple[int, int]] = set()
    for path in paths:
        for found in _walk(Path(path), (), (), asked=True):
            if isinstance(found, Rejection | Ignored):
                yield found
                continue
            about = found.stat()
            if (about.st_dev, about.st_ino) not in seen:
                seen.add((about.st_dev, about.st_ino))
                yield from _read(found)


def _read(path: Path) -> Iterator[DagFile | Rejection]:
    if path.suffix != ".zip":
        yield read_dag_file(path)
        return
    for member in archived(path, most_bytes=MOST_BYTES):
        if isinstance(member, Rejection):
            yield member
        else:
            read = parsed(*member)
            yield read if isinstance(read, Rejection) else replace(read, packaged=True)


def read_dag_file(path: Path) -> DagFile | Rejection:
    """Read and parse one file, or say why not."""
    shown = path.as_posix()
    if path.suffix == ".ipynb":
        return _refused(shown, "Is a notebook; DAGs are read from .py files.")
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            return _refused(shown, "Is no regular file.")
        if about.st_size > MOST_BYTES:
            size = f"{about.st_size / 1024 / 1024:.1f} MB"
            return _refused(shown, f"Is too large for a DAG file: {size}, at most 2 MB are read.")
        data = path.read_bytes()
    except OSError as error:
        return _refused(shown, f"Cannot be read: {error.strerror}.")
    return parsed(shown, data)


def parsed(path: str, data: bytes) -> DagFile | Rejection:
    """Decode and parse the bytes of a file, or say why not and where."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        line = data.count(b"\n", 0, error.start) + 1 if isinstance(error, UnicodeDecodeError) else 1
        return _refused(path, f"Is no text that Python reads: {error}.", line)
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        return _refused(path, _reason(text, error), error.lineno or 1)
    except (ValueError, RecursionError, MemoryError) as error:
        return _refused(path, f"Does not parse: {error or type(error).__name__}.", 1)
    return DagFile(path=path, text=text, tree=tree)


def _reason(text: str, error: SyntaxError) -> str:
    if JINJA.search(text):
        return f"Is a Jinja template, not Python yet ({error.msg})."
    if PYTHON_2.search(error.msg) or PYTHON_2_TEXT.search(text):
        return f"Is Python 2 ({error.msg})."
    return f"Does not parse: {error.msg}."


def _refused(path: str, reason: str, line: int | None = None) -> Rejection:
    return Rejection(path=path, at=f"line {line}" if line else "", reason=reason)


def _walk(
    path: Path,
    above: tuple[tuple[int, int], ...],
    ignores: tuple[IgnoreFile, ...],
    *,
    asked: bool = False,
) -> Iterator[Path | Rejection | Ignored]:
    """Files worth reading below a path; ``above`` are the folders that it stands in."""
    try:
        about = path.stat()
        folder = stat.S_ISDIR(about.st_mode)
        if not folder and not asked and path.suffix not in READ:
            return
        if (left_out := None if asked else ignored(path, ignores, folder=folder)) is not None:
            yield left_out
            return
        if not folder:
            yield path
            return
        here = (about.st_dev, about.st_ino)
        if here in above:
            yield _refused(path.as_posix(), "Is a link to a folder that it stands in.")
            return
        if not asked and (path.name in SKIPPED or path.name[0] == "." or _environment(path)):
            return
        entries = sorted(path.iterdir())
    except OSError as error:
        # a link that leads to itself, or nowhere
        if asked or path.suffix in (*READ, ""):
            yield _refused(path.as_posix(), f"Cannot be read: {error.strerror}.")
        return
    own = ignore_file(path)
    if isinstance(own, Rejection):
        yield own
    elif own is not None:
        ignores = (*ignores, own)
    for entry in entries:
        yield from _walk(entry, (*above, here), ignores)


def _environment(path: Path) -> bool:
    return (path / "pyvenv.cfg").exists()

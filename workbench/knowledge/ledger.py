"""Files of judgements: JSON lines that are only ever appended to, whole lines, in turns."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.domain.history import Rejection
from workbench.errors import Place, SourceError, WorkbenchError
from workbench.store.turns import turn

Row = dict[str, Any]
HASH = "hash"
# Beside the folders, under a name that git ignores: one turn for all files of a catalogue.
TURN = ".workbench-ledger"


def append(
    folder: Path, name: str, *, rows: Callable[[Sequence[Row]], Sequence[Mapping[str, object]]]
) -> tuple[Row, ...]:
    """Append lines to a file of a catalogue, in a turn of their own, and answer what was appended.

    A line is written whole by one call and reaches the disk before the turn ends. A file whose last
    line was cut short by somebody else is given its newline first, so that only that line is lost.

    Parameters
    ----------
    folder : pathlib.Path
        The catalogue's folder.
    name : str
        The file, relative to the folder.
    rows : callable
        Given the rows that stand there when the turn begins, says which ones to append: who must
        not write a thing twice looks here.

    Raises
    ------
    WorkbenchError
        The folder cannot be written.
    """
    file = folder / name
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with turn(folder / TURN, doing=f"appending to {name}"):
            made = tuple(dict(row) for row in rows(read(file)[0]))
            if made:
                _write(file, "".join(f"{line(row)}\n" for row in made).encode())
    except OSError as error:
        what = f"It cannot be written: {error.strerror}."
        todo = "Name a folder of patterns of your own with --patterns."
        raise WorkbenchError(what, where=Place(path=file.as_posix()), todo=todo) from error
    return made


def read(file: Path) -> tuple[tuple[Row, ...], tuple[Rejection, ...]]:
    """Return the rows of a file in its order, and the lines that are none; no file has no rows.

    Raises
    ------
    SourceError
        The file is there and cannot be read.
    """
    try:
        lines = file.read_bytes().split(b"\n")
    except FileNotFoundError:
        return (), ()
    except OSError as error:
        what = f"The ledger cannot be read: {error.strerror}."
        raise SourceError(what, where=Place(path=file.as_posix())) from error
    rows: list[Row] = []
    refused: list[Rejection] = []
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            row = f"Is no JSON: {error}."
        if isinstance(row, dict):
            rows.append(row)
        else:
            reason = row if isinstance(row, str) else "Is no JSON object."
            refused.append(Rejection(path=file.as_posix(), at=f"line {number}", reason=reason))
    return tuple(rows), tuple(refused)


def line(row: Mapping[str, object]) -> str:
    """Return the one spelling of a row: its keys in the order given, no line break inside."""
    return json.dumps(row, ensure_ascii=True, allow_nan=False, separators=(", ", ": "))


def content_hash(judged: Mapping[str, object]) -> str:
    """Return the digest of what a line judges: the same content, the same 16 hex digits."""
    text = json.dumps(judged, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _write(file: Path, text: bytes) -> None:
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        size = os.fstat(handle).st_size
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        # One call: the kernel finishes it even when the process is killed meanwhile.
        left = memoryview(b"\n" + text if torn else text)
        while left:
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    finally:
        os.close(handle)

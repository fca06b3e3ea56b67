"""Rows of a CSV file with their line numbers, and times that carry their zone."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from workbench.errors import Place, SourceError


class CsvFile:
    """A CSV file read row by row; ``line`` is where the row that was given last begins.

    Parameters
    ----------
    path : pathlib.Path
        The file; UTF-8, a byte order mark is allowed.
    required : sequence of str
        Columns that must be there.

    Raises
    ------
    SourceError
        The file is missing, is no text, or lacks columns; all of them are named.
    """

    def __init__(self, path: Path, *, required: tuple[str, ...]) -> None:
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            what = f"The file cannot be read: {error.strerror}."
            raise SourceError(what, where=Place(path=str(path))) from error
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            where = Place(path=str(path), at=f"line {line}")
            raise SourceError("The file is no UTF-8 text.", where=where) from error
        self._reader = csv.DictReader(io.StringIO(text, newline=""), restkey="")
        self.columns = tuple(self._reader.fieldnames or ())
        if missing := [name for name in required if name not in self.columns]:
            what = f"Columns are missing: {', '.join(missing)}."
            right = f"Needed: {', '.join(required)}; found: {', '.join(self.columns) or 'none'}."
            raise SourceError(what, where=Place(path=str(path), at="line 1"), right=right)

    def rows(self) -> Iterator[tuple[int, dict[str, str] | str]]:
        """Each row as its first line and its cells, or the reason why it is no row."""
        line = self._reader.line_num + 1
        while True:
            try:
                row = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, f"is no CSV: {error}"
            else:
                if "" in row:
                    yield line, f"has more than {len(self.columns)} cells"
                elif None in row.values():
                    yield line, f"has fewer than {len(self.columns)} cells"
                else:
                    yield line, row
            line = self._reader.line_num + 1


def utc(text: str) -> datetime:
    """Return a time as UTC.

    Raises
    ------
    ValueError
        It is no ISO time, or has no zone: a zone is never guessed.
    """
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError as error:
        what = f"{text!r} is no ISO time"
        raise ValueError(what) from error
    if when.tzinfo is None:
        what = f"{text!r} has no time zone; write 2026-02-10T06:00:00Z"
        raise ValueError(what)
    return when.astimezone(UTC)

"""A text file of a user's, whole, with its own line ends."""

from __future__ import annotations

from pathlib import Path

from workbench.errors import Place, SourceError


def read_text(path: Path) -> str:
    """Return the text; bytes that are not UTF-8 are kept as escapes that write back unchanged.

    Raises
    ------
    SourceError
        The file is missing or cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8", errors="surrogateescape")
    except OSError as error:
        what = f"The file cannot be read: {error.strerror}."
        raise SourceError(what, where=Place(path=str(path))) from error

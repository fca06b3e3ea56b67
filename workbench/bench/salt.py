"""The salt beside a bench: what makes digests of secrets comparable here, and nowhere else."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from workbench.errors import Place, StoreError

FILE = ".workbench-salt"
"""Beside the DuckDB file, not in it: so it is kept when the database is deleted, and not in git."""
BYTES = 32


def salt_beside(bench: Path) -> bytes:
    """Return the salt of the folder a bench is in; it is made once, readable for its owner alone.

    Raises
    ------
    StoreError
        The file is there and holds no salt, or the folder cannot be written to.
    """
    path = bench.resolve().parent / FILE
    try:
        if not path.exists():
            _made(path)
        salt = path.read_bytes()
    except OSError as error:
        what = f"The salt cannot be kept: {error.strerror}."
        raise StoreError(what, where=Place(path=str(path))) from error
    if len(salt) != BYTES:
        raise StoreError(
            "The file holds no salt.",
            where=Place(path=str(path)),
            right=f"{BYTES} random bytes.",
            todo="Delete it; digests made before will equal none made after.",
        )
    return salt


def _made(path: Path) -> None:
    """Put a whole file in place; where another process was quicker, its salt stays."""
    part = path.with_name(f"{FILE}.{os.getpid()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(BYTES))
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()

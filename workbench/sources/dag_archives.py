"""The DAG files inside a zip archive: what lies at its top, as Airflow loads packaged DAGs."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from workbench.domain.history import Rejection

MOST_MEMBERS = 10_000


def archived(path: Path, *, most_bytes: int) -> Iterator[tuple[str, bytes] | Rejection]:
    """Give each Python file at the top of an archive as ``archive.zip/name`` with its bytes.

    Files in folders of the archive are modules that its DAGs import, and are not DAG files
    (Airflow's documentation, "Packaging DAGs"). Nothing is unpacked to disk; a member that says
    less than it holds is stopped at the limit.

    Parameters
    ----------
    path : Path
        The archive.
    most_bytes : int
        The most that one file may hold, unpacked.
    """
    shown = path.as_posix()
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                reason = f"Has {len(members):,} members; at most {MOST_MEMBERS:,} are looked at."
                yield Rejection(path=shown, at="", reason=reason)
                return
            for member in sorted(members, key=lambda m: m.filename):
                if "/" not in member.filename and member.filename.endswith(".py"):
                    yield _read(archive, member, shown, most_bytes)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        yield Rejection(path=shown, at="", reason=f"Is no zip archive that can be read: {error}.")
    except OSError as error:
        yield Rejection(path=shown, at="", reason=f"Cannot be read: {error.strerror or error}.")


def _read(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, shown: str, most_bytes: int
) -> tuple[str, bytes] | Rejection:
    path = f"{shown}/{member.filename}"
    if member.flag_bits & 0x1:
        return Rejection(path=path, at="", reason="Is encrypted.")
    try:
        with archive.open(member) as opened:
            data = opened.read(most_bytes + 1)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error) as error:
        return Rejection(path=path, at="", reason=f"Cannot be unpacked: {error}.")
    if len(data) > most_bytes:
        most = most_bytes // 1024 // 1024
        reason = f"Is too large for a DAG file: more than {most} MB, at most {most} MB are read."
        return Rejection(path=path, at="", reason=reason)
    return path, data

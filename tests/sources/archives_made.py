"""Wheels, sdists and package indexes made for a test."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

BUILT = datetime(2026, 2, 3, 8, tzinfo=UTC)


def make_wheel(
    folder: Path,
    name: str,
    version: str,
    files: Mapping[str, str | bytes],
    *,
    at: datetime = BUILT,
    tag: str = "py3-none-any",
) -> Path:
    """A wheel with these files and the metadata that pip asks for."""
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    info = f"{name}-{version}.dist-info"
    wheel = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"
    path = folder / f"{name}-{version}-{tag}.whl"
    folder.mkdir(parents=True, exist_ok=True)
    extra = {f"{info}/METADATA": metadata, f"{info}/WHEEL": wheel, f"{info}/RECORD": ""}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in {**files, **extra}.items():
            archive.writestr(zipfile.ZipInfo(member, at.timetuple()[:6]), text)
    return path


def make_sdist(
    folder: Path,
    name: str,
    version: str,
    files: Mapping[str, str | bytes],
    *,
    at: datetime = BUILT,
    links: Mapping[str, str] | None = None,
) -> Path:
    """A source archive with these files below its top folder, and links."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}.tar.gz"
    top = f"{name}-{version}"
    texts = {"PKG-INFO": f"Name: {name}\n", "setup.py": "raise SystemExit('never run')\n", **files}
    with tarfile.open(path, "w:gz") as archive:
        for member, text in texts.items():
            raw = text.encode() if isinstance(text, str) else text
            info = tarfile.TarInfo(f"{top}/{member}")
            info.size, info.mtime = len(raw), int(at.timestamp())
            archive.addfile(info, io.BytesIO(raw))
        for member, target in (links or {}).items():
            info = tarfile.TarInfo(f"{top}/{member}")
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return path


def make_index(folder: Path, name: str, archives: Iterable[Path], *, wrong: bool = False) -> str:
    """A folder that pip takes for an index; its address. ``wrong`` gives false digests."""
    page = folder / name
    page.mkdir(parents=True)
    rows = []
    for archive in archives:
        digest = hashlib.sha256(archive.read_bytes() + b"x" * wrong).hexdigest()
        rows.append(f'<a href="{archive.as_uri()}#sha256={digest}">{archive.name}</a><br>')
    (page / "index.html").write_text(f"<!DOCTYPE html><html><body>{''.join(rows)}</body></html>")
    return folder.as_uri()

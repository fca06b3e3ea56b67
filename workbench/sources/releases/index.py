"""Archives of released versions: from files at hand, from the cache, from the package index."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from workbench.errors import Place, SourceError

TIMEOUT_SECONDS = 15
DOWNLOAD_SECONDS = 600
_SILENT = re.compile(
    r"connection broken|Could not fetch URL|Max retries exceeded|timed out|NewConnectionError"
    r"|ConnectionError|ReadTimeout|ConnectTimeout"
)
_OFFERED = re.compile(r"\(from versions: ([^)]*)\)")


def version_of(name: str) -> tuple[str, Version] | None:
    """The distribution and version that an archive's name says; None for another kind of file.

    Parameters
    ----------
    name : str
        File name.

    Returns
    -------
    tuple of (str, Version) or None
        The name is canonical: lower case, parted by ``-``.
    """
    try:
        if name.endswith(".whl"):
            distribution, version, _, _ = parse_wheel_filename(name)
            return distribution, version
        if name.endswith(".tar.gz"):
            return parse_sdist_filename(name)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None
    return None


def archives_at_hand(
    files: Iterable[Path], distribution: str, versions: Sequence[Version]
) -> dict[Version, Path]:
    """The archive of each version among some files.

    Raises
    ------
    SourceError
        A file is missing, belongs to something else, or a version has none.
    """
    found: dict[Version, Path] = {}
    for file in files:
        place = Place(path=str(file))
        if not file.is_file():
            raise SourceError("There is no such file.", where=place, right="A wheel or .tar.gz.")
        said = version_of(file.name)
        if said is None or said[0] != canonicalize_name(distribution):
            raise SourceError(
                f"This is no archive of {distribution}.",
                where=place,
                right=f"A wheel or .tar.gz whose name begins with {distribution} and a version.",
            )
        if said[1] not in found or file.suffix == ".whl":
            found[said[1]] = file
    missing = [str(v) for v in versions if v not in found]
    if missing:
        raise SourceError(
            f"No file for {distribution} {', '.join(missing)}.",
            right=f"Files were given for {', '.join(map(str, sorted(found))) or 'no version'}.",
            todo="Give one file for each version.",
        )
    return {version: found[version] for version in versions}


def archive_of(distribution: str, version: Version, *, cache: Path) -> Path:
    """The archive of a version: the one in the cache, else a wheel, else an sdist of the index.

    Parameters
    ----------
    distribution : str
        Its name on the index.
    version : Version
        Exactly this one.
    cache : Path
        Folder of archives that were fetched before; made when it is not there.

    Returns
    -------
    Path

    Raises
    ------
    SourceError
        The index does not answer, or has no such distribution or version.
    """
    wanted = (canonicalize_name(distribution), version)
    if cache.is_dir():
        kept = sorted(p for p in cache.iterdir() if version_of(p.name) == wanted)
        if kept:
            return next((path for path in kept if path.suffix == ".whl"), kept[0])
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".fetch-") as folder:
        fetched = _wheel(distribution, version, Path(folder)) or _sdist(
            distribution, version, Path(folder)
        )
        # Moved when it is whole: an archive in the cache is never half an archive.
        return Path(shutil.move(fetched, cache / fetched.name))


def _wheel(distribution: str, version: Version, folder: Path) -> Path | None:
    """The wheel that pip downloads; None when the index has none for this machine."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--ignore-requires-python", "--no-input", "--disable-pip-version-check"]
    command += ["--timeout", str(TIMEOUT_SECONDS), "--retries", "1", "--dest", str(folder)]
    try:
        done = subprocess.run(
            [*command, f"{distribution}=={version}"],
            capture_output=True,
            text=True,
            check=False,
            timeout=DOWNLOAD_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise _silent(f"pip was stopped after {DOWNLOAD_SECONDS} s") from None
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode == 0 and wheels:
        return wheels[0]
    if "No module named pip" in done.stderr:
        raise SourceError(
            "pip is not installed in this environment, so nothing can be downloaded.",
            right="pip, or archives at hand.",
            todo=f"Run `{sys.executable} -m ensurepip`, or give the archives as files.",
        )
    if _SILENT.search(done.stderr):
        raise _silent(_last_line(done.stderr, _SILENT))
    if not _OFFERED.search(done.stderr):
        raise SourceError(
            f"pip could not download {distribution} {version}: {_last_line(done.stderr)}",
            todo="Give the archives as files.",
        )
    return None


def _sdist(distribution: str, version: Version, folder: Path) -> Path:
    # Nothing of what it imports is needed while pip finds wheels.
    from workbench.sources.releases.simple_index import SilentIndexError, fetch, offered_files

    try:
        files = offered_files(distribution)
        offered = {
            file: said[1]
            for file in files
            if (said := version_of(file.name)) and said[0] == canonicalize_name(distribution)
        }
        sdists = [f for f, v in offered.items() if v == version and f.name.endswith(".tar.gz")]
        if sdists:
            return fetch(sdists[0], folder)
    except SilentIndexError as error:
        raise _silent(str(error)) from error
    except ValueError as error:
        raise SourceError(
            f"The index gave something else than it promised: {error}.",
            todo="Try again, or give the archives as files.",
        ) from error
    raise _no_such_version(distribution, version, set(offered.values()))


def _no_such_version(distribution: str, version: Version, offered: set[Version]) -> SourceError:
    there = ", ".join(map(str, sorted(offered)))
    if not there:
        return SourceError(
            f"The index has no distribution {distribution!r}.",
            todo="Check the name, or give the archives as files.",
        )
    if version in offered:
        return SourceError(
            f"The index has {distribution} {version} only as wheels for other machines.",
            todo="Give the archives as files.",
        )
    return SourceError(
        f"The index has no {distribution} {version}.",
        right=f"Versions there: {there}.",
        todo="Name versions that are there.",
    )


def _silent(why: str) -> SourceError:
    return SourceError(
        f"The package index does not answer: {why}.",
        right="An index that pip can reach, or archives at hand.",
        todo="Try again later, or give the archives as files.",
    )


def _last_line(words: str, matching: re.Pattern[str] | None = None) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    chosen = [line for line in lines if matching is None or matching.search(line)]
    return re.sub(r"//[^/@\s]*@", "//", chosen[-1])[:300] if chosen else "it said nothing"

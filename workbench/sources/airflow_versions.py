"""Which Airflow a project runs, as its own requirement files or the environment say."""

from __future__ import annotations

import importlib.metadata
import os
import re
import tomllib
from collections.abc import Iterator
from configparser import ConfigParser
from configparser import Error as ConfigError
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from workbench.domain.dag_rules import AirflowVersion
from workbench.errors import SourceError

FIRST_WITH_STORE = Version("3.3.0.dev0")
SDK_WITH_STORE = Version("1.3.0.dev0")
NAMES = {
    "apache-airflow": FIRST_WITH_STORE,
    "apache-airflow-core": FIRST_WITH_STORE,
    "apache-airflow-task-sdk": SDK_WITH_STORE,
}
LISTS = ("requirements*.txt", "requirements*.in", "requirements/*.txt", "constraints*.txt")
PROBES = tuple(
    f"{major}.{minor}.{fix}" for major in range(1, 5) for minor in range(12) for fix in range(12)
)
IMAGE = re.compile(r"(?im)^\s*FROM\s+\S*apache/airflow:(?:slim-)?(\d+\.\d+\.\d+)")


def stated_version(text: str) -> AirflowVersion:
    """Return the version that a caller names.

    Raises
    ------
    SourceError
        It is no version.
    """
    try:
        version = Version(text)
    except InvalidVersion as error:
        right = "A version is 3.3 or 3.2.1."
        raise SourceError(f"{text!r} is no Airflow version.", right=right) from error
    return AirflowVersion(text=text, has_store=version >= FIRST_WITH_STORE, source="as asked")


def project_version(path: Path, *, environment: bool = True) -> AirflowVersion:
    """Return the Airflow of the project that a path stands in.

    The nearest folder upwards whose requirement files name Airflow decides; in it a pin beats a
    range. After the folder with ``.git`` the search ends; then ``environment`` asks what is
    installed beside the workbench.
    """
    here = Path(os.path.realpath(path))
    for folder in (here, *here.parents) if here.is_dir() else here.parents:
        found = list(_stated_in(folder))
        if found:
            return min(
                found, key=lambda v: (v.has_store is None, not v.text[:1].isdigit(), v.source)
            )
        if (folder / ".git").exists():
            break
    return _installed() if environment else AirflowVersion()


def _vague(version: AirflowVersion) -> tuple[bool, bool, str]:
    """Pins first, then ranges that tell, then those that do not."""
    return version.has_store is None, not version.text[:1].isdigit(), version.source


def _installed() -> AirflowVersion:
    for name in NAMES:
        try:
            text = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        has = Version(text) >= NAMES[name]
        return AirflowVersion(text=text, has_store=has, source=f"installed {name}")
    return AirflowVersion()


def _stated_in(folder: Path) -> Iterator[AirflowVersion]:
    for pattern in LISTS:
        for file in sorted(folder.glob(pattern)):
            for line in _text(file).splitlines():
                yield from _told(line.partition("#")[0].strip(), file)
    for line in _project(folder / "pyproject.toml"):
        yield from _told(line, folder / "pyproject.toml")
    for line in _setup(folder / "setup.cfg"):
        yield from _told(line, folder / "setup.cfg")
    image = IMAGE.search(_text(folder / "Dockerfile"))
    if image is not None:
        yield from _told(f"apache-airflow=={image[1]}", folder / "Dockerfile")


def _told(line: str, file: Path) -> Iterator[AirflowVersion]:
    try:
        wanted = Requirement(re.split(r"\s--|\s*\\$", line)[0])
    except InvalidRequirement:
        return
    name = canonicalize_name(wanted.name)
    if name not in NAMES:
        return
    pins = [s.version for s in wanted.specifier if s.operator in ("==", "===")]
    text = pins[0] if len(pins) == 1 and "*" not in pins[0] else str(wanted.specifier)
    if text:
        source = f"{name} in {file.name}"
        yield AirflowVersion(
            text=text, has_store=_has(wanted.specifier, NAMES[name]), source=source
        )


def _has(specifier: SpecifierSet, first: Version) -> bool | None:
    """Whether all versions that a range allows have the store, none has, or it depends."""
    allowed = [Version(v) for v in specifier.filter(PROBES)]
    pins = [s.version for s in specifier if s.operator in ("==", "===") and "*" not in s.version]
    allowed += [Version(pin) for pin in pins]
    told = {version >= first for version in allowed}
    return told.pop() if len(told) == 1 else None


def _project(file: Path) -> Iterator[str]:
    try:
        data: Any = tomllib.loads(_text(file))
    except tomllib.TOMLDecodeError:
        return
    project = data.get("project", {})
    groups = [project.get("dependencies", [])]
    groups += [*project.get("optional-dependencies", {}).values()]
    groups += [*data.get("dependency-groups", {}).values()]
    for group in groups:
        yield from (line for line in group if isinstance(line, str))
    poetry = data.get("tool", {}).get("poetry", {}).get("dependencies", {})
    for name, wanted in poetry.items():
        version = wanted.get("version", "") if isinstance(wanted, dict) else wanted
        if isinstance(version, str) and canonicalize_name(name) in NAMES:
            yield f"{name}{_poetry(version)}"


def _poetry(version: str) -> str:
    """Poetry's way to write a range, as everybody else writes it."""
    if version[:1] == "^":
        parts = version[1:].split(".")
        return f">={version[1:]},<{int(parts[0]) + 1}" if parts[0].isdigit() else ""
    if version[:1] == "~":
        parts = version[1:].split(".")
        return f"~={version[1:]}" if len(parts) > 2 else f"=={version[1:]}.*"
    return f"=={version}" if version[:1].isdigit() else version.replace("*", "")


def _setup(file: Path) -> Iterator[str]:
    parser = ConfigParser(interpolation=None)
    try:
        parser.read_string(_text(file))
    except ConfigError:
        return
    for section, option in (("options", "install_requires"), ("options.extras_require", None)):
        if parser.has_section(section):
            names = [option] if option else list(parser[section])
            for name in names:
                yield from parser.get(section, name, fallback="").splitlines()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    except OSError:
        return ""

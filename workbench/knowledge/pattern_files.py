"""One pattern's folder read into a record: ``pattern.toml``, its detector, its examples' places."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.domain.patterns import Pattern, Problem, SqlDetector, TextDetector
from workbench.knowledge.problems import Fault, problem, unreadable
from workbench.knowledge.toml_files import TomlFile, read_text, read_toml

if TYPE_CHECKING:
    from cattrs import Converter

PATTERN_FILE = "pattern.toml"
EXAMPLES = "examples"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternFile:
    """A pattern's folder as it was found.

    ``problems`` are those of its text and shape; ``sql`` is the detector's query where there is
    one to read, ``sql_path`` where it stands.
    """

    folder: Path
    toml: TomlFile
    sql: str | None = None
    sql_path: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def data(self) -> Mapping[str, Any]:
        """The file's data as TOML gives it, sound or not."""
        return self.toml.data

    def sound(self, *parts: str) -> bool:
        """Whether these top-level keys are there and have the right shape."""
        broken = {self._part(p) for p in self.toml.problems}
        return all(part in self.data and part not in broken for part in parts)

    @staticmethod
    def _part(found: Problem) -> str:
        return found.key.split(".")[0].split("[")[0]


def read_pattern_file(folder: Path) -> PatternFile:
    """Read a folder with every problem of text and shape; sense is another module's business."""
    try:
        return _read(folder)
    except OSError as error:  # a name that is too long, a folder that may not be entered
        return _nothing(folder, unreadable(error, folder))


def _read(folder: Path) -> PatternFile:
    if (away := leaves(folder, within=folder.parent)) is not None:
        return _nothing(folder, problem(folder.as_posix(), away))
    file = folder / PATTERN_FILE
    if not file.exists():
        missing = problem(folder.as_posix(), f"Holds no {PATTERN_FILE}.")
        return _nothing(folder, missing)
    if (away := leaves(file, within=folder)) is not None:
        return _nothing(folder, problem(file.as_posix(), away))
    toml = read_toml(file, schema="pattern")
    read = PatternFile(folder=folder, toml=toml, problems=toml.problems)
    if read.sound("detector") and read.data["detector"]["kind"] == "sql":
        return _with_query(read, read.data["detector"]["file"])
    return read


def to_pattern(read: PatternFile) -> Pattern:
    """Return the record of a file that has no problems."""
    data = dict(read.data)
    data["folder"] = read.folder
    data["detector"] = _detector(read)
    data["examples"] = [
        {**example, "folder": read.folder / EXAMPLES / example["name"]}
        for example in data.get("examples", [])
    ]
    return _converter().structure(data, Pattern)


def leaves(path: Path, *, within: Path) -> str | None:
    """Say why a path is not read: a link leads out of the folder that it must stay in."""
    # realpath, because a link that leads to itself makes Path.resolve raise
    real = Path(os.path.realpath(path))
    if real.is_relative_to(os.path.realpath(within)):
        return None
    return f"Leads out of {within.as_posix()} to {real.as_posix()}; it is not read."


def _with_query(read: PatternFile, name: str) -> PatternFile:
    file = read.folder / name
    fault = leaves(file, within=read.folder)
    if fault is None and not file.is_file():
        fault = f"There is no file {name!r} in {read.folder.as_posix()}."
    if fault is not None:
        found = read.toml.locate([Fault(("detector", "file"), fault)])
        return replace(read, problems=(*read.problems, *found))
    text = read_text(file)
    if isinstance(text, Problem):
        return replace(read, problems=(*read.problems, text))
    return replace(read, sql=text, sql_path=file.as_posix())


def _nothing(folder: Path, why: Problem) -> PatternFile:
    file = TomlFile(path=(folder / PATTERN_FILE).as_posix())
    return PatternFile(folder=folder, toml=file, problems=(why,))


def _detector(read: PatternFile) -> TextDetector | SqlDetector:
    if read.sql is not None:
        return SqlDetector(path=read.sql_path, text=read.sql)
    return _converter().structure(read.data["detector"], TextDetector)


@cache
def _converter() -> Converter:
    from cattrs import Converter

    made = Converter()
    made.register_structure_hook(date, lambda value, _: _day(value))
    made.register_structure_hook(Path, lambda value, _: Path(value))
    made.register_structure_hook(TextDetector | SqlDetector, lambda value, _: value)
    return made


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value

"""One TOML file of ours: its data, where its keys stand, and what is wrong with its text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.domain.patterns import Problem
from workbench.knowledge.problems import Fault, located, problem, unreadable
from workbench.knowledge.shapes import SchemaName, faults
from workbench.knowledge.soundness import unless_sound
from workbench.text.toml_lines import Key, key_lines

SYNTAX_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlFile:
    """A file that was read: ``data`` is empty when ``problems`` say that it cannot be read."""

    path: str
    data: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[Key, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def locate(self, found: Iterable[Fault]) -> tuple[Problem, ...]:
        """Return faults in this file as problems with their lines."""
        return located(self.path, found, self.lines)


def read_toml(path: Path, *, schema: SchemaName) -> TomlFile:
    """Read a file with every problem of its text and of its shape."""
    shown = path.as_posix()
    text = read_text(path)
    if isinstance(text, Problem):
        return TomlFile(path=shown, problems=(text,))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return TomlFile(path=shown, problems=(_syntax_problem(shown, text, str(error)),))
    lines = key_lines(text)
    looked_at = ("shape", schema, text)
    wrong = unless_sound(looked_at, lambda: located(shown, faults(data, schema), lines))
    return TomlFile(path=shown, data=data, lines=lines, problems=wrong)


def read_text(path: Path) -> str | Problem:
    """Return the file's text, or the problem that it cannot be read or is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return problem(path.as_posix(), "Is not UTF-8 text.", line=line)
    except OSError as error:
        return unreadable(error, path)


def _syntax_problem(path: str, text: str, said: str) -> Problem:
    place = SYNTAX_PLACE.search(said)
    what = said[: place.start()] if place else said
    line = int(place["line"]) if place and place["line"] else text.count("\n") + 1
    todo = "Dates are written 2026-02-10." if "date" in what else ""
    return problem(path, f"Is no TOML: {what}.", line=line, todo=todo)

"""Faults of our own files: what is wrong at which key, and the problems that readers see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.domain.patterns import Problem
from workbench.errors import Place
from workbench.text.toml_lines import Key, line_of


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a key of a file, before anybody looked up the line."""

    key: Key
    what: str
    todo: str = ""


def problem(
    path: str, what: str, *, line: int | None = None, key: str = "", todo: str = ""
) -> Problem:
    """Make a problem whose place reads ``path: line 12, detector.kind``."""
    spots = [f"line {line}" if line else "", key]
    place = Place(path=path, at=", ".join(spot for spot in spots if spot))
    return Problem(where=place, what=what, todo=todo, line=line, key=key)


def unreadable(error: OSError, path: Path) -> Problem:
    """Make a problem of what the system said about a file, or about ``path`` if it named none."""
    named = Path(str(error.filename)) if error.filename else path
    return problem(named.as_posix(), f"Cannot be read: {error.strerror}.")


def located(path: str, faults: Iterable[Fault], lines: Mapping[Key, int]) -> tuple[Problem, ...]:
    """Return faults of one TOML file as problems, in the order of their lines."""
    found = [
        problem(path, f.what, line=line_of(lines, f.key), key=dotted(f.key), todo=f.todo)
        for f in faults
    ]
    return tuple(sorted(found, key=lambda p: p.line or 0))


def dotted(key: Key) -> str:
    """Write a key as people write it: ``examples[0].expect``."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text

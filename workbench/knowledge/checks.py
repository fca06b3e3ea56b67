"""Sense of one pattern's file, beyond its shape: names, dates, detector, message, examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from workbench.domain.patterns import Problem
from workbench.knowledge.detector_checks import detector_faults, message_faults
from workbench.knowledge.example_files import example_faults, kinds_faults
from workbench.knowledge.pattern_files import PatternFile
from workbench.knowledge.problems import Fault, unreadable
from workbench.knowledge.soundness import unless_sound


class Check(NamedTuple):
    """A test of sense and the top-level keys that must have their shape before it can be asked."""

    needs: tuple[str, ...]
    faults: Callable[[PatternFile], Iterator[Fault | Problem]]


def check_pattern(read: PatternFile) -> tuple[Problem, ...]:
    """Return every problem of a pattern's folder that shows without running its detector.

    Each test runs as soon as the keys it needs are sound, so that one wrong key hides nothing else.
    """
    return _found(read, (*CHECKS, EXAMPLE_FILES))


def check_detector(read: PatternFile) -> tuple[Problem, ...]:
    """Return the problems for which a pattern cannot run; its examples' files are not read."""
    if read.problems:
        return _found(read, CHECKS)
    looked_at = ("detector", read.folder.name, repr(read.data), repr(read.sql))
    return unless_sound(looked_at, lambda: _found(read, CHECKS))


def _found(read: PatternFile, checks: Sequence[Check]) -> tuple[Problem, ...]:
    found: list[Problem] = list(read.problems)
    for check in checks:
        if read.sound(*check.needs):
            try:
                for fault in check.faults(read):
                    found += [fault] if isinstance(fault, Problem) else read.toml.locate([fault])
            except OSError as error:
                found.append(unreadable(error, read.folder))
    return tuple(sorted(found, key=lambda p: (p.where.path, p.line or 0)))


def _id_faults(read: PatternFile) -> Iterator[Fault]:
    if read.data["id"] != read.folder.name:
        what = f"The id {read.data['id']!r} is not the folder's name {read.folder.name!r}."
        yield Fault(("id",), what, "Rename one of them; an id is never reused.")


def _date_faults(read: PatternFile) -> Iterator[Fault]:
    life = read.data["lifecycle"]
    created = _day(life["created"])
    for name in ("reviewed", "retired"):
        if name in life and _day(life[name]) < created:
            yield Fault(("lifecycle", name), f"{life[name]} is before it was created, {created}.")


def _origin_faults(read: PatternFile) -> Iterator[Fault]:
    life = read.data["lifecycle"]
    name, last = max(
        ((n, _day(life[n])) for n in ("created", "reviewed", "retired") if n in life),
        key=lambda item: item[1],
    )
    for at, origin in enumerate(read.data["origins"]):
        if _day(origin["date"]) > last:
            what = f"{origin['date']} is after the pattern was last {name}, {last}."
            todo = "" if name == "created" else "Review the pattern again in the light of it."
            yield Fault(("origins", at, "date"), what, todo)


def _replacement_faults(read: PatternFile) -> Iterator[Fault]:
    if read.data["lifecycle"].get("replaced_by") == read.data["id"]:
        yield Fault(("lifecycle", "replaced_by"), "A pattern cannot replace itself.")


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


CHECKS = (
    Check(("id",), _id_faults),
    Check(("detector",), detector_faults),
    Check(("message", "detector"), message_faults),
    Check(("stage", "examples"), kinds_faults),
    Check(("lifecycle",), _date_faults),
    Check(("lifecycle", "origins"), _origin_faults),
    Check(("id", "lifecycle"), _replacement_faults),
)
EXAMPLE_FILES = Check(("examples",), example_faults)

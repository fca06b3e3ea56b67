"""The reference of Airflow's state store, ``dag-rules/reference.toml``, read into records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workbench.domain.patterns import Problem
from workbench.domain.state_store import (
    ApiCall,
    Evidence,
    Reference,
    Release,
    Setting,
    Statement,
    Store,
    ValueType,
)
from workbench.errors import PatternError, Place
from workbench.knowledge.problems import Fault
from workbench.knowledge.toml_files import read_toml

REFERENCE_FILE = "dag-rules/reference.toml"
NAMED_BY = {"call": ("id",), "statement": ("id",), "setting": ("section", "key")}


def read_reference(patterns: Path) -> Reference:
    """Read the reference of a folder of patterns.

    Raises
    ------
    PatternError
        There is none, or it has problems; they are listed.
    """
    file = patterns / REFERENCE_FILE
    if not file.is_file():
        what = "There is no reference of the state store here."
        raise PatternError(what, where=Place(path=file.as_posix()))
    read, problems = _read(file)
    if read is None:
        raise PatternError("The reference of the state store cannot be used:", problems=problems)
    return read


def reference_problems(patterns: Path) -> tuple[Problem, ...]:
    """Return everything that is wrong with a folder's reference; nothing when it has none."""
    file = patterns / REFERENCE_FILE
    return _read(file)[1] if file.exists() else ()


def _read(file: Path) -> tuple[Reference | None, tuple[Problem, ...]]:
    toml = read_toml(file, schema="state-store-reference")
    if toml.problems:
        return None, toml.problems
    if problems := toml.locate(_senseless(toml.data)):
        return None, problems
    return _reference(toml.data), ()


def _senseless(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Find what the shape allows and sense does not: repeated names, unread releases."""
    releases = [release["core"] for release in data["checked"]["releases"]]
    if data["checked"]["since"] not in releases:
        yield Fault(("checked", "since"), "This release was not read.", f"Read: {releases}.")
    for table, parts in (
        ("call", ("id",)),
        ("statement", ("id",)),
        ("setting", ("section", "key")),
    ):
        seen: dict[tuple[str, ...], int] = {}
        for at, row in enumerate(data[table]):
            name = tuple(row[part] for part in parts)
            if seen.setdefault(name, at) != at:
                what = f"{' '.join(name)!r} is already {table} number {seen[name] + 1}."
                yield Fault((table, at, parts[-1]), what)
            if row.get("since", releases[0]) not in releases:
                yield Fault((table, at, "since"), "This release was not read.")


def _reference(data: Mapping[str, Any]) -> Reference:
    since = data["checked"]["since"]
    return Reference(
        since=since,
        checked=data["checked"]["on"],
        releases=tuple(Release(**release) for release in data["checked"]["releases"]),
        calls=tuple(_call(row, since) for row in data["call"]),
        settings=tuple(_setting(row, since) for row in data["setting"]),
        statements=tuple(_statement(row, since) for row in data["statement"]),
    )


def _call(row: Mapping[str, Any], since: str) -> ApiCall:
    return ApiCall(
        id=row["id"],
        store=Store(row["store"]),
        call=row["call"],
        signature=row["signature"],
        means=row["means"],
        evidence=_evidence(row, since),
        fails=row.get("fails", ""),
        differs=row.get("differs", ""),
    )


def _statement(row: Mapping[str, Any], since: str) -> Statement:
    return Statement(
        id=row["id"],
        store=Store(row["store"]),
        topic=row["topic"],
        says=row["says"],
        evidence=_evidence(row, since),
        differs=row.get("differs", ""),
    )


def _setting(row: Mapping[str, Any], since: str) -> Setting:
    return Setting(
        section=row["section"],
        key=row["key"],
        type=ValueType(row["type"]),
        default=row["default"],
        means=row["means"],
        read_by=tuple(row["read_by"]),
        evidence=_evidence(row, since),
        least=row.get("least"),
        most=row.get("most"),
        when_zero=row.get("when_zero", ""),
        differs=row.get("differs", ""),
    )


def _evidence(row: Mapping[str, Any], since: str) -> Evidence:
    return Evidence(
        wheel=row["wheel"],
        file=row["file"],
        symbol=row["symbol"],
        since=row.get("since", since),
        mentions=tuple(row.get("mentions", ())),
        lacks=tuple(row.get("lacks", ())),
    )

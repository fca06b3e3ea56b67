"""The rule files beside the patterns: triage, coupling and hot paths, one list of tables each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from workbench.domain.patterns import HotPath, PathRule, Problem
from workbench.knowledge.pattern_files import leaves
from workbench.knowledge.problems import Fault, problem
from workbench.knowledge.shapes import SchemaName
from workbench.knowledge.toml_files import TomlFile, read_toml

Record = TypeVar("Record", PathRule, HotPath)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile(Generic[Record]):
    """The records of a rule file in its order; none of them when it has ``problems``."""

    rules: tuple[Record, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_triage(folder: Path) -> RuleFile[PathRule]:
    """Read which paths triage skips from ``triage.toml``; no rules when there is no such file."""
    return _read(folder / "triage.toml", schema="triage", table="rule", make=_path_rule)


def read_coupling(folder: Path) -> RuleFile[PathRule]:
    """Read how imported modules are leaned on from ``coupling.toml``."""
    return _read(folder / "coupling.toml", schema="coupling", table="rule", make=_path_rule)


def read_hot_paths(folder: Path) -> RuleFile[HotPath]:
    """Read entry points and how often they run from ``hot-paths.toml``."""
    return _read(folder / "hot-paths.toml", schema="hot-paths", table="path", make=_hot_path)


def _read(
    path: Path,
    *,
    schema: SchemaName,
    table: str,
    make: Callable[[Mapping[str, Any]], Record],
) -> RuleFile[Record]:
    if not path.exists() and not path.is_symlink():
        return RuleFile()
    if (away := leaves(path, within=path.parent)) is not None:
        return RuleFile(problems=(problem(path.as_posix(), away),))
    file: TomlFile = read_toml(path, schema=schema)
    rows: Any = file.data.get(table, [])
    found = (*file.problems, *file.locate(_repeated(rows, table)))
    if found:
        return RuleFile(problems=found)
    return RuleFile(rules=tuple(make(row) for row in rows))


def _repeated(rows: Any, table: str) -> Iterator[Fault]:
    """Find an id or name that stands twice: the second one would silently do nothing."""
    seen: dict[str, int] = {}
    for at, row in enumerate(rows if isinstance(rows, list) else ()):
        for name in ("id", "qualname"):
            word = row.get(name) if isinstance(row, Mapping) else None
            if isinstance(word, str) and seen.setdefault(word, at) != at:
                what = f"{word!r} is already {table} number {seen[word] + 1}."
                yield Fault((table, at, name), what)


def _path_rule(row: Mapping[str, Any]) -> PathRule:
    return PathRule(
        id=row["id"], globs=tuple(row["globs"]), means=row["means"], why=row.get("why", "")
    )


def _hot_path(row: Mapping[str, Any]) -> HotPath:
    return HotPath(qualname=row["qualname"], multiplicity=row["multiplicity"], why=row["why"])

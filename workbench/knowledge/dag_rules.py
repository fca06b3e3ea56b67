"""The DAG rules as files: ``dag-rules/S<n>-.../rule.toml`` with examples, read and checked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.domain.dag_rules import DagRule
from workbench.domain.patterns import Problem
from workbench.errors import PatternError, Place
from workbench.knowledge.pattern_files import leaves
from workbench.knowledge.problems import Fault, problem, unreadable
from workbench.knowledge.toml_files import TomlFile, read_toml
from workbench.shipped_files import patterns_folder, shipped

if TYPE_CHECKING:
    from cattrs import Converter

FOLDER = "dag-rules"
FILE = "rule.toml"
FIELDS = frozenset(
    {"task", "key", "read", "write", "kept", "asset", "what", "line"}
    | {"clock", "old", "new", "other", "value", "store"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLibrary:
    """The rules of a folder, sorted by number, and every problem that was found in its files."""

    rules: tuple[DagRule, ...]
    problems: tuple[Problem, ...]


def dag_rules(patterns: Path | str | None = None) -> tuple[DagRule, ...]:
    """Return the DAG rules of a patterns folder: ``./patterns`` if it has any, else the shipped.

    Raises
    ------
    PatternError
        There are no rules, or they have problems; all of them are listed.
    """
    library = read_dag_rules(rules_folder(patterns))
    if library.problems:
        raise PatternError("The DAG rules cannot be used:", problems=library.problems)
    return library.rules


def rules_folder(patterns: Path | str | None = None) -> Path:
    """Return the folder of the rules: that of the patterns asked for, or the shipped one."""
    found = patterns_folder(patterns) / FOLDER
    return found if patterns is not None or found.is_dir() else shipped("patterns") / FOLDER


def read_dag_rules(folder: Path) -> RuleLibrary:
    """Read every rule of a folder, with every problem of every file at once.

    Raises
    ------
    PatternError
        There is no such folder.
    """
    if not folder.is_dir():
        what = "There is no such folder of DAG rules."
        raise PatternError(what, where=Place(path=folder.as_posix()))
    rules: list[DagRule] = []
    problems: list[Problem] = []
    for one in sorted(p for p in folder.iterdir() if p.is_dir() and p.name[0] != "."):
        rule, found = _read(one)
        problems += found
        if rule is not None:
            rules.append(rule)
    problems += _twice(rules)
    if not rules and not problems:
        problems.append(problem(folder.as_posix(), "Holds no rule."))
    ordered = sorted(rules, key=lambda r: int(r.id.partition("-")[0][1:]))
    return RuleLibrary(rules=tuple(ordered), problems=tuple(problems))


def _read(folder: Path) -> tuple[DagRule | None, tuple[Problem, ...]]:
    file = folder / FILE
    for path, within in ((folder, folder.parent), (file, folder)):
        if (away := leaves(path, within=within)) is not None:
            return None, (problem(path.as_posix(), away),)
    if not file.is_file():
        return None, (problem(folder.as_posix(), f"Holds no {FILE}."),)
    toml = read_toml(file, schema="dag-rule")
    if toml.problems:
        return None, toml.problems
    try:
        faults = toml.locate(_faults(folder, toml))
    except OSError as error:
        faults = (unreadable(error, folder),)
    if faults:
        return None, faults
    return _converter().structure({**toml.data, "folder": folder}, DagRule), ()


def _faults(folder: Path, toml: TomlFile) -> Iterator[Fault]:
    data = toml.data
    if data["id"] != folder.name:
        yield Fault(("id",), f"The id {data['id']!r} is not the folder's name {folder.name!r}.")
    yield from _fields(("message",), data["message"])
    for case, text in data.get("messages", {}).items():
        yield from _fields(("messages", case), text)
    for case in data.get("advices", {}):
        if case not in data.get("messages", {}):
            yield Fault(("advices", case), f"There is no message for the case {case!r}.")
    named: set[str] = set()
    for at, example in enumerate(data["examples"]):
        hits = example["file"].startswith("hit/")
        if hits != ("lines" in example):
            what = "An example that hits says on which lines; a clean one says none."
            yield Fault(("examples", at, "file"), what)
        for key in ("file", "fixed", "before"):
            if key in example:
                named.add(example[key])
                yield from _example(folder, example[key], ("examples", at, key))
    if {e["file"].partition("/")[0] for e in data["examples"]} != {"hit", "clean"}:
        yield Fault(("examples",), "Needs an example that hits and one that is clean.")
    for file in sorted((folder / "examples").rglob("*.py")):
        name = file.relative_to(folder / "examples").as_posix()
        if name not in named:
            yield Fault(("examples",), f"No example speaks of {name!r}.")


def _fields(key: tuple[str, ...], text: str) -> Iterator[Fault]:
    for name in re.findall(r"\{(\w*)\}", text):
        if name not in FIELDS:
            known = ", ".join(sorted(FIELDS))
            yield Fault(key, f"There is no field {name!r}.", f"Known: {known}.")


def _example(folder: Path, name: str, key: tuple[str | int, ...]) -> Iterator[Fault]:
    file = folder / "examples" / name
    if (away := leaves(file, within=folder)) is not None:
        yield Fault(key, away)
    elif not file.is_file():
        yield Fault(key, f"There is no file {name!r} in {folder.as_posix()}/examples.")
    else:
        try:
            ast.parse(file.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError) as error:
            yield Fault(key, f"{name} is no Python: {error}.")


def _twice(rules: Sequence[DagRule]) -> Iterator[Problem]:
    seen: dict[str, DagRule] = {}
    for rule in rules:
        for word in (rule.code, rule.id.partition("-")[0]):
            first = seen.setdefault(word, rule)
            if first is not rule:
                assert rule.folder is not None
                what = f"{word} is that of {first.id} too."
                yield problem((rule.folder / FILE).as_posix(), what, key="id")


@cache
def _converter() -> Converter:
    from cattrs import Converter
    from cattrs.gen import make_dict_structure_fn

    made = Converter(forbid_extra_keys=True)
    made.register_structure_hook(Path, lambda value, _: Path(value))
    made.register_structure_hook(DagRule, make_dict_structure_fn(DagRule, made))
    return made

"""Miniatures on disk: the two trees of an example, and what is wrong with their files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from workbench.domain.patterns import Problem
from workbench.knowledge.pattern_files import EXAMPLES, PatternFile, leaves
from workbench.knowledge.problems import Fault, problem
from workbench.knowledge.toml_files import read_text

Tree = Mapping[str, str]
Side = Literal["before", "after"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """The texts of an example by path, before and after the change."""

    before: Tree = field(default_factory=dict)
    after: Tree = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read_trees(folder: Path) -> Trees:
    """Read an example's texts; a side that is not there is an empty tree.

    git keeps no empty folders, so a change that adds its only file has no ``before``.
    """
    before, wrong_before = _tree(folder, "before")
    after, wrong_after = _tree(folder, "after")
    return Trees(before=before, after=after, problems=(*wrong_before, *wrong_after))


def example_faults(read: PatternFile) -> Iterator[Fault | Problem]:
    """Find examples without files, files without an example, and expectations of no file."""
    named: set[str] = set()
    for at, example in enumerate(read.data["examples"]):
        key, name = ("examples", at), example["name"]
        if name in named:
            yield Fault((*key, "name"), f"There are two examples named {name!r}.")
            continue
        named.add(name)
        folder = read.folder / EXAMPLES / name
        if not folder.is_dir():
            yield Fault((*key, "name"), f"There is no folder {folder.as_posix()}.")
        elif (away := leaves(folder, within=read.folder)) is not None:
            yield Fault((*key, "name"), away)
        else:
            trees = read_trees(folder)
            yield from trees.problems
            yield from _tree_faults((*key,), example, trees)
    yield from _unnamed(read, named)


def kinds_faults(read: PatternFile) -> Iterator[Fault]:
    """Find a pattern that runs without an example that hits or without a clean one."""
    if read.data["stage"] == "draft":
        return
    hits = [bool(example["expect"]) for example in read.data["examples"]]
    for kind, what in ((True, "hits"), (False, "is clean")):
        if kind not in hits:
            yield Fault(("examples",), f"There is no example that {what}.")


def _tree(folder: Path, side: Side) -> tuple[dict[str, str], list[Problem]]:
    texts: dict[str, str] = {}
    wrong: list[Problem] = []
    root = folder / side
    if (away := leaves(root, within=folder)) is not None:
        return {}, [problem(root.as_posix(), away)]
    for path in sorted(root.rglob("*")):
        if path.is_symlink():
            wrong.append(problem(path.as_posix(), "Is a link.", todo="Put the file itself here."))
        elif not path.is_dir():
            text = read_text(path)
            if isinstance(text, Problem):
                wrong.append(text)
            else:
                texts[path.relative_to(root).as_posix()] = text
    return texts, wrong


def _tree_faults(key: tuple[str, int], example: Mapping[str, Any], trees: Trees) -> Iterator[Fault]:
    if trees.problems:
        return
    if trees.before == trees.after:
        yield Fault((*key, "name"), "Nothing differs between before and after.")
    for at, hit in enumerate(example["expect"]):
        texts = [tree[hit["path"]] for tree in (trees.before, trees.after) if hit["path"] in tree]
        longest = max((text.count("\n") + 1 for text in texts), default=0)
        spot = (*key, "expect", at)
        if not texts:
            yield Fault((*spot, "path"), f"No tree of the example holds {hit['path']!r}.")
        elif hit.get("line", 1) > longest:
            what = f"{hit['path']} has no line {hit['line']}, on neither side."
            yield Fault((*spot, "line"), what)


def _unnamed(read: PatternFile, named: set[str]) -> Iterator[Problem]:
    root = read.folder / EXAMPLES
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        if folder.name not in named and not folder.name.startswith("."):
            what = "Is no example of its pattern.toml."
            yield problem(folder.as_posix(), what, todo="Add an [[examples]] entry or delete it.")

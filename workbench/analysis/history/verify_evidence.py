"""Evidence for verdicts: what a commit did to the names of findings, and lines on both sides."""

from __future__ import annotations

import ast
import re
import warnings
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from workbench.domain.histories import History

Row = Mapping[str, Any]
SourceOf = Callable[[str, str, datetime], str | None]
"""Downstream, path and the upstream date -> the file's text as it stood then; None if unknown."""

# The family's own name, below the function or class around the fact, is in a column.
OWN_NAME = {"fields": "name", "columns": "name", "literals": "name", "relationships": "name"}
BY_NAME = (
    "definitions",
    "parameters",
    "exports",
    "fields",
    "columns",
    "literals",
    "attributes",
    "raises",
)


class Changes:
    """Deltas of the findings' commits by the dotted names they are about.

    A row holds ``family, change, line, side, path, was, now, before, after, scope_change``: ``was``
    and ``now`` are the dotted name before and after, null on the side where it is not. It is found
    under either name and under what holds it.
    """

    def __init__(
        self, findings: pl.DataFrame, history: History, *, aliases: pl.DataFrame | None = None
    ) -> None:
        asked = pl.concat_list("names", "qualname")
        keys = findings.select("sha", key=asked).explode("key", empty_as_null=False)
        if aliases is not None:
            spelled = aliases.join(findings.select("sha").unique(), on="sha", how="semi")
            keys = pl.concat([keys, spelled.select("sha", key="alias")])
        above = keys.select("sha", key=pl.col("key").str.replace(r"\.[^.]*$", ""))
        self._keys = pl.concat([keys, above]).unique()
        self._touched = (
            history["commits"]
            .select("sha", "commit_id")
            .join(findings.select("sha").unique(), on="sha", how="semi")
            .join(history["file_changes"], on="commit_id")
            .select("sha", "change_id", "old_path", "path", "status")
        )
        self._modules = _modules(self._touched, history)
        self._lost: dict[str, set[str]] = defaultdict(set)
        gone = self._touched.filter(pl.col("status").is_in(["D", "R"]))
        for sha, path in gone.select("sha", "old_path").iter_rows():
            self._lost[sha].add(path)
        self._rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for family in BY_NAME:
            self._index(family, history[f"{family}_deltas"])
        self._calls = self._called(history["calls_deltas"])
        self._guards = self._gone(history["guards_deltas"])
        self._migrated = self._migrations(history)
        self._hunks = _hunks(self._touched, history["hunks"])

    def of(self, sha: str, name: str, family: str) -> list[Row]:
        """What happened in a family to a name and to what hangs directly on it."""
        return [row for row in self._rows.get((sha, name), ()) if row["family"] == family]

    def lost_module(self, sha: str, name: str) -> str | None:
        """The file of a module that went with the commit, whole; None for any other name."""
        return self._modules.get((sha, name))

    def calls(self, sha: str, method: str) -> list[Row]:
        """Changed or new calls of anything that has this last name."""
        return self._calls.get((sha, method), [])

    def guards(self, sha: str, function: str) -> list[str]:
        """Conditions of the early exits that a function no longer has."""
        return self._guards.get((sha, function), [])

    def migrates(self, sha: str) -> bool:
        """Whether the commit adds or edits a migration."""
        return sha in self._migrated

    def says(self, sha: str, path: str, pattern: re.Pattern[str]) -> bool:
        """Whether a line that the commit adds to a file reads like that."""
        return any(pattern.search(hunk["added"]) for hunk in self._hunks.get((sha, path), ()))

    def where(self, sha: str, path: str, pattern: re.Pattern[str]) -> int | None:
        """The first line that the commit adds to a file and that reads like that."""
        for hunk in self._hunks.get((sha, path), ()):
            if (found := pattern.search(hunk["added"])) is not None:
                # a pattern may begin with the blank before what it is about
                added = str(hunk["added"])
                return int(hunk["new_start"]) + added.count("\n", 0, found.end())
        return None

    def lost_file(self, sha: str, path: str) -> bool:
        """Whether the commit takes a file away, whole."""
        return path in self._lost.get(sha, ())

    def text(self, sha: str, path: str, line: int, *, side: str) -> str | None:
        """What a changed line reads; None for one that the commit did not touch."""
        for hunk in self._hunks.get((sha, path), ()):
            start = hunk["old_start"] if side == "before" else hunk["new_start"]
            lines = (hunk["removed"] if side == "before" else hunk["added"]).split("\n")
            if 0 <= line - start < len(lines):
                return str(lines[line - start].strip()) or None
        return None

    def _index(self, family: str, deltas: pl.DataFrame) -> None:
        rows = self._placed(family, deltas)
        above = r"\.[^.]*$"
        keys = pl.concat_list(
            "was", "now", *(pl.col(c).str.replace(above, "") for c in ("was", "now"))
        )
        found = (
            rows.with_columns(key=keys.list.drop_nulls().list.unique(maintain_order=True))
            .explode("key", empty_as_null=False)
            .join(self._keys, on=["sha", "key"], how="semi")
        )
        for row in found.iter_rows(named=True):
            self._rows[row["sha"], row["key"]].append(row)

    def _placed(self, family: str, deltas: pl.DataFrame) -> pl.DataFrame:
        placed = deltas.join(self._touched, on="change_id", maintain_order="left")
        sides = {
            "now": ("module", "qualname", "after"),
            "was": ("before_module", "before_qualname", "before"),
        }
        names = {}
        for name, (module, qualname, side) in sides.items():
            scope = pl.concat_str(
                pl.coalesce(module, "module"),
                _own(family, pl.coalesce(qualname, "qualname"), side),
                separator=".",
            ).str.strip_chars(".")
            names[name] = pl.when(pl.col(side).is_not_null()).then(scope)
        where = pl.when(pl.col("side") == "before").then("old_path").otherwise("path")
        return placed.with_columns(path=where, family=pl.lit(family), **names).select(
            *("sha", "family", "change", "line", "side", "path", "was", "now"),
            *("before", "after", "scope_change"),
        )

    def _called(self, deltas: pl.DataFrame) -> dict[tuple[str, str], list[Row]]:
        last = pl.col("key").str.extract(r"([^.]+)$", 1)
        wanted = self._keys.select("sha", name=last).unique()
        rows = (
            deltas.filter(pl.col("change") != "removed")
            .with_columns(name=pl.col("after").struct.field("name"))
            .join(self._touched, on="change_id")
            .join(wanted, on=["sha", "name"], how="semi")
        )
        found: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in rows.sort("sha", "path", "line").iter_rows(named=True):
            found[row["sha"], row["name"]].append(row)
        return found

    def _gone(self, deltas: pl.DataFrame) -> dict[tuple[str, str], list[str]]:
        rows = (
            self._placed("guards", deltas.filter(change="removed"))
            .join(self._keys, left_on=["sha", "was"], right_on=["sha", "key"], how="semi")
            .select("sha", "was", pl.col("before").struct.field("condition"))
        )
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for sha, name, condition in rows.iter_rows():
            found[sha, name].append(condition)
        return found

    def _migrations(self, history: History) -> frozenset[str]:
        """Commits with steps of a migration, or with columns that one declares."""
        declared = pl.col("after").struct.field("declared")
        steps = history["columns_deltas"].filter(declared.is_in(["add_column", "alter_column"]))
        whole = history["migrations_deltas"].filter(pl.col("after").is_not_null())
        made = pl.concat([steps.select("change_id"), whole.select("change_id")])
        return frozenset(self._touched.join(made, on="change_id", how="semi")["sha"])


def _modules(touched: pl.DataFrame, history: History) -> dict[tuple[str, str], str]:
    """The modules whose files went, and that no other file of the commit is."""
    sides = [
        history[f"{family}_deltas"]
        .select("change_id", "side", was=pl.coalesce("before_module", "module"), now="module")
        .unique()
        .join(touched, on="change_id")
        for family in ("definitions", "exports")
    ]
    both = pl.concat(sides)
    there = both.filter(pl.col("side") == "after").select("sha", was="now").unique()
    went = both.filter(pl.col("status").is_in(["D", "R"])).join(
        there, on=["sha", "was"], how="anti"
    )
    rows = went.sort("sha", "was", "old_path").select("sha", "was", "old_path").iter_rows()
    return {(sha, name): path for sha, name, path in rows}


def _own(family: str, qualname: pl.Expr, side: str) -> pl.Expr:
    """The dotted name of a fact inside its module."""
    if family == "attributes":  # the function that sets it is no part of its name
        qualname = qualname.str.extract(r"^(.*)\.[^.]*$", 1).fill_null("")
    column = "name" if family == "attributes" else OWN_NAME.get(family)
    if column is None:
        return qualname
    own = pl.col(side).struct.field(column)
    return pl.concat_str(qualname, own, separator=".").str.strip_chars(".")


def _hunks(touched: pl.DataFrame, hunks: pl.DataFrame) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in hunks.join(touched, on="change_id", maintain_order="left").iter_rows(named=True):
        for path in dict.fromkeys((row["old_path"], row["path"])):
            found[row["sha"], path].append(row)
    return found


@dataclass(slots=True)
class Texts:
    """Downstream files as they stood at a date, read and parsed once."""

    source_of: SourceOf | None = None
    _trees: dict[str, ast.Module | None] = field(default_factory=dict)
    _texts: dict[tuple[str, str, datetime], str | None] = field(default_factory=dict)
    _constants: dict[int, dict[tuple[type, object], int]] = field(default_factory=dict)

    def text(self, downstream: str, path: str, at: datetime) -> str | None:
        """The file's text; None when nobody has it."""
        if self.source_of is None:
            return None
        key = (downstream, path, at)
        if key not in self._texts:
            self._texts[key] = self.source_of(downstream, path, at)
        return self._texts[key]

    def tree(self, downstream: str, path: str, at: datetime) -> ast.Module | None:
        """The file's syntax; None when nobody has it or it does not parse."""
        text = self.text(downstream, path, at)
        if text is None:
            return None
        if text not in self._trees:
            self._trees[text] = parsed(text)
        return self._trees[text]

    def constants(self, tree: ast.Module) -> Mapping[tuple[type, object], int]:
        """The constants of a file, by type and value, each with its first line."""
        if id(tree) not in self._constants:
            found: dict[tuple[type, object], int] = {}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant):
                    key = (type(node.value), node.value)
                    found[key] = min(node.lineno, found.get(key, node.lineno))
            self._constants[id(tree)] = found
        return self._constants[id(tree)]

    def line(self, site: Row, at: datetime) -> str:
        """The line of a call site as it reads, or the use as it was noted."""
        text = self.text(site["downstream"], site["path"], at)
        lines = text.split("\n") if text is not None else []
        found = lines[site["line"] - 1].strip() if site["line"] <= len(lines) else ""
        return found or str(site["expression"])


def parsed(text: str) -> ast.Module | None:
    """The syntax of a text; None when it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None

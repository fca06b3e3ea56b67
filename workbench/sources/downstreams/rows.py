"""What was found in a tree's files, as the rows that the store keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import polars as pl

from workbench.domain.frames import CALL_SITES, DOWNSTREAM_IMPORTS, DOWNSTREAMS
from workbench.domain.patterns import PathRule
from workbench.sources.downstreams.coupling import Couplings
from workbench.sources.downstreams.linking import Targets
from workbench.sources.downstreams.origins import Origin, Use
from workbench.sources.downstreams.readings import FileFound
from workbench.sources.downstreams.strings import ANYBODYS
from workbench.sources.downstreams.trees import Tree

TEST = re.compile(r"(^|/)(tests?/|test_[^/]*\.py$|conftest\.py$|[^/]*_test\.py$)")
"""Paths of tests and of what supports them."""

Row = TypeVar("Row", bound=tuple[object, ...])
Span = tuple[Row, datetime | None, datetime | None]
"""A row, and the moments between which it stood: null is always, and still."""


class Site(NamedTuple):
    """A call site but for its downstream and its dates."""

    path: str
    line: int
    target: str
    kind: str
    expression: str
    scope: str
    guard: str


class ImportRow(NamedTuple):
    """An import but for its downstream, its coupling and its dates."""

    path: str
    line: int
    module: str
    symbol: str | None
    alias: str | None
    guard: str


class Followed(NamedTuple):
    """The rows of all versions of a tree, and how many files the last one has."""

    sites: list[Span[Site]]
    imports: list[Span[ImportRow]]
    files: int


def imports_of(file: FileFound) -> Iterator[ImportRow]:
    """The imports of one file."""
    for i in file.imports:
        yield ImportRow(file.path, i.line, i.module, i.symbol, i.alias, i.guard)


def sites_of(file: FileFound, targets: Mapping[object, Targets]) -> list[Site]:
    """The call sites of one file.

    Texts that anybody may write (a word compared with, a table's name) count only where the file
    has to do with the upstream.

    Parameters
    ----------
    file : FileFound
        What it holds.
    targets : mapping
        What of the upstream its uses stand for, and from what its classes descend.
    """
    sites = [*_imported(file), *_used(file, targets), *_inherited(file, targets)]
    theirs = any(site.kind not in ANYBODYS for site in sites)
    return [site for site in sites if theirs or site.kind not in ANYBODYS]


def frames_of(
    found: Followed, *, name: str, tree: Tree, coupling: Sequence[PathRule]
) -> dict[str, pl.DataFrame]:
    """The three frames of a downstream, rows in order of path and line, then of dates."""
    couplings = Couplings(coupling)
    downstream: dict[str, object] = {
        "downstream": name,
        "location": str(tree.location),
        "commit_sha": tree.commit_sha,
        "committed_utc": tree.committed_utc,
        "python_files": found.files,
    }
    imports = [
        (*row, couplings.of(row.module, row.symbol), since, until)
        for row, since, until in found.imports
    ]
    tests: dict[str, bool] = {}
    used = [
        (*site, tests.setdefault(site.path, TEST.search(site.path) is not None), since, until)
        for site, since, until in found.sites
    ]
    return {
        "downstreams": DOWNSTREAMS.frame([downstream]),
        "downstream_imports": _frame(DOWNSTREAM_IMPORTS.schema, imports, name),
        "call_sites": _frame(CALL_SITES.schema, used, name),
    }


def _frame(schema: dict[str, Any], rows: Sequence[tuple[object, ...]], name: str) -> pl.DataFrame:
    body = {column: kind for column, kind in schema.items() if column != "downstream"}
    columns = zip(body.items(), zip(*rows, strict=True) if rows else [()] * len(body), strict=True)
    frame = pl.DataFrame([pl.Series(column, list(v), dtype=d) for (column, d), v in columns])
    # a row that nobody can tell from another in what it says comes in the order of its dates
    ordered = frame.sort(list(body), nulls_last=[c == "until_utc" for c in body])
    return ordered.select(pl.lit(name).alias("downstream"), *body)


def _imported(file: FileFound) -> Iterator[Site]:
    for i in file.imports:
        yield Site(file.path, i.line, i.target, "import", i.expression[:200], i.scope, i.guard)


def _used(file: FileFound, targets: Mapping[object, Targets]) -> Iterator[Site]:
    for use in file.uses:
        for origin in targets[use.origin]:
            yield _site(file, use, use.kind, origin)


def _inherited(file: FileFound, targets: Mapping[object, Targets]) -> Iterator[Site]:
    for key, made in file.classes.items():
        for ancestor in targets[key]:
            yield _site(file, made.head, "subclass", ancestor)
            for name, place in made.overrides:
                target = ancestor._replace(dotted=f"{ancestor.dotted}.{name}")
                yield _site(file, place, "override", target)


def _site(file: FileFound, use: Use, kind: str, origin: Origin) -> Site:
    excerpt = file.excerpts.of(use)
    return Site(file.path, use.first_line, origin.dotted, kind, excerpt, use.scope, origin.guard)

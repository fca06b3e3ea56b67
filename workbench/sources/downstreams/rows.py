"""What was found in a tree's files, as the rows that the store keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from workbench.domain.frames import CALL_SITES, DOWNSTREAM_IMPORTS, DOWNSTREAMS
from workbench.domain.patterns import PathRule
from workbench.sources.downstreams.coupling import Couplings
from workbench.sources.downstreams.linking import Links
from workbench.sources.downstreams.origins import Import, Names, Origin, OwnClass, Use
from workbench.sources.downstreams.source_text import Excerpts
from workbench.sources.downstreams.trees import Tree

Site = tuple[str, int, str, str, str, str, str]
"""path, line, target, kind, expression, scope, guard"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFound:
    """What one file holds; names of the tree's own modules are not followed yet."""

    path: str
    module: str
    text: bytes
    imports: list[Import]
    uses: list[Use]
    classes: dict[str, OwnClass]
    exports: Names
    stars: list[str]


def frames_of(
    files: Sequence[FileFound], *, name: str, tree: Tree, coupling: Sequence[PathRule]
) -> dict[str, pl.DataFrame]:
    """The three frames of a downstream, rows in order of path and line."""
    links = Links(
        {f.module: f.exports for f in files},
        {f.module: f.stars for f in files},
        {key: made for f in files for key, made in f.classes.items()},
    )
    sites = sorted({site for f in files for site in _sites(f, links)})
    couplings = Couplings(coupling)
    imports = [
        (f.path, i.line, i.module, i.symbol, i.alias, i.guard, couplings.of(i.module, i.symbol))
        for f in files
        for i in f.imports
    ]
    imports.sort(key=lambda row: (*row[:3], row[3] or ""))
    downstream: dict[str, object] = {
        "downstream": name,
        "location": str(tree.location),
        "commit_sha": tree.commit_sha,
        "committed_utc": tree.committed_utc,
        "python_files": len(files),
    }
    return {
        "downstreams": DOWNSTREAMS.frame([downstream]),
        "downstream_imports": _frame(DOWNSTREAM_IMPORTS.schema, imports, name),
        "call_sites": _frame(CALL_SITES.schema, sites, name),
    }


def _frame(schema: dict[str, Any], rows: Sequence[tuple[object, ...]], name: str) -> pl.DataFrame:
    body = {column: kind for column, kind in schema.items() if column != "downstream"}
    frame = pl.DataFrame(rows, schema=body, orient="row")
    return frame.select(pl.lit(name).alias("downstream"), *body)


def _sites(file: FileFound, links: Links) -> Iterator[Site]:
    excerpts = Excerpts(file.text)
    for found in file.imports:
        yield (
            file.path,
            found.line,
            found.target,
            "import",
            found.expression[:200],
            found.scope,
            found.guard,
        )
    for use in file.uses:
        for origin in links.upstream(use.origin):
            yield _site(file, use, use.kind, origin, excerpts)
    for key, made in file.classes.items():
        for ancestor in links.ancestors(key):
            yield _site(file, made.head, "subclass", ancestor, excerpts)
            for name, place in made.overrides:
                target = ancestor._replace(dotted=f"{ancestor.dotted}.{name}")
                yield _site(file, place, "override", target, excerpts)


def _site(file: FileFound, use: Use, kind: str, origin: Origin, excerpts: Excerpts) -> Site:
    return (
        file.path,
        use.first_line,
        origin.dotted,
        kind,
        excerpts.of(use),
        use.scope,
        origin.guard,
    )

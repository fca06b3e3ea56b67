"""What a report was made from: every input file with its rows, and what of it was not readable."""

from __future__ import annotations

import polars as pl

from workbench.exports.report.blocks import Block, table
from workbench.exports.report.evidence import Evidence
from workbench.exports.report.words import counted


def inputs_table(evidence: Evidence) -> Block:
    """Count what was read from each input, and what was refused there."""
    folder = evidence.case.folder
    kinds = {
        "timeline": evidence.events,
        "failed tries": evidence.failures,
        "database statistics": evidence.statistics,
        "scheduler loops": evidence.loops,
    }
    rows = [
        {"kind": kind, "file": _inside(path, str(folder)), "rows": count}
        for kind, frame in kinds.items()
        for path, count in _by_folder(frame, depth=len(folder.parts) + 2)
    ]
    repository = counted(evidence.commits["repository"].n_unique(), "repository", "repositories")
    rows.append({"kind": "upstream commits", "file": repository, "rows": evidence.commits.height})
    rows.append({"kind": "patterns", "file": "catalogue", "rows": len(evidence.patterns)})
    refused = evidence.rejections.height
    return table(
        rows,
        name="inputs",
        caption="Inputs",
        columns={"kind": "What", "file": "Read from", "rows": "Rows"},
        code={"file"},
        note=f"{counted(refused, 'row')} could not be read; each is kept with its place and reason."
        if refused
        else "Every row of every input could be read.",
    )


def _by_folder(frame: pl.DataFrame, *, depth: int) -> list[tuple[str, int]]:
    """Rows by file, or by folder where many files stand below it."""
    paths = frame["origin_path"].drop_nulls()
    top = paths.str.split("/").list.head(depth).list.join("/")
    return sorted(top.value_counts().iter_rows())


def _inside(path: str, folder: str) -> str:
    return path.removeprefix(folder).strip("/") or path

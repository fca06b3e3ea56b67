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
        {"kind": kind, "file": path, "rows": count}
        for kind, frame in kinds.items()
        for path, count in _by_input(frame["origin_path"], folder.as_posix())
    ]
    repository = counted(evidence.commits["repository"].n_unique(), "repository", "repositories")
    rows.append({"kind": "upstream commits", "file": repository, "rows": evidence.commits.height})
    rows.append({"kind": "patterns", "file": "catalogue", "rows": len(evidence.patterns)})
    refused = _refused_in(evidence.rejections, folder=folder.as_posix())
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


def _refused_in(rejections: pl.DataFrame, *, folder: str) -> int:
    """Refusals of this case's inputs alone; a bench holds those of everything that was loaded."""
    path = pl.col("path")
    return rejections.filter((path == folder) | path.str.starts_with(f"{folder}/")).height


def _by_input(paths: pl.Series, folder: str) -> list[tuple[str, int]]:
    """Rows by file; log trees by their root, above the folders that name DAG, run and task."""
    inside = paths.drop_nulls().str.strip_prefix(f"{folder}/")
    roots = inside.str.replace(r"/(dag_id=|run_id=|task_id=).*$", "")
    return sorted(roots.value_counts().iter_rows())

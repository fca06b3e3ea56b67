"""Queries of findings that filter by columns which no index begins with, as of their commit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from workbench.analysis.standing_views import indexes_as_of
from workbench.domain.histories import History

Row = Mapping[str, Any]
LAST = r"(\w+)$"


def unindexed(
    findings: pl.DataFrame, history: History, *, slow: Collection[str]
) -> dict[tuple[str, str], Row]:
    """Find for each commit and function a new query that no index serves.

    A query is served when a column that it filters by begins an index or a key of its model. What
    a model declares is told from the history; of a model that declares none nothing is said.

    Parameters
    ----------
    findings : polars.DataFrame
        As declared in :data:`workbench.domain.findings.FINDINGS`.
    history : History
        The scanned span.
    slow : collection of str
        Ids of patterns about cost; only their findings are looked at.

    Returns
    -------
    dict
        Commit and dotted function -> ``path, line, columns`` of the query.
    """
    wanted = findings.filter(pl.col("pattern").is_in(list(slow))).select("sha", name="qualname")
    if wanted.is_empty():
        return {}
    asked = (
        history["commits"]
        .select("sha", "commit_id", "repository", "position")
        .join(wanted.select("sha").unique(), on="sha", how="semi")
        .join(history["file_changes"].select("commit_id", "change_id", "path"), on="commit_id")
        .join(history["queries_deltas"], on="change_id")
        .filter(pl.col("after").is_not_null())
        .with_columns(name=pl.concat_str("module", pl.lit("."), "qualname"))
        .join(wanted.unique(), on=["sha", "name"], how="semi")
        .with_columns(filters=pl.col("after").struct.field("filters"))
        .filter(pl.col("filters").list.len() > 0)
    )
    if asked.is_empty():
        return {}
    asked = asked.with_row_index("query").select(
        "query", "sha", "name", "repository", "position", "path", "line", "filters"
    )
    terms = asked.explode("filters", empty_as_null=False).with_columns(
        model=pl.col("filters").str.extract(r"(\w+)\.\w+$", 1),
        column=pl.col("filters").str.extract(LAST, 1),
    )
    standing = indexes_as_of(history).select(
        "repository",
        "since_position",
        "until_position",
        model=pl.col("qualname").str.extract(LAST, 1),
        first=pl.col("column_names").list.first(),
    )
    known = terms.join(standing, on=["repository", "model"]).filter(
        pl.col("since_position") <= pl.col("position"),
        pl.col("until_position").is_null() | (pl.col("until_position") > pl.col("position")),
    )
    served = known.filter(pl.col("first") == pl.col("column")).select("query").unique()
    lacking = (
        asked.join(known.select("query").unique(), on="query", how="semi")
        .join(served, on="query", how="anti")
        .sort("sha", "name", "path", "line")
        .unique(["sha", "name"], keep="first", maintain_order=True)
    )
    return {
        (row["sha"], row["name"]): {
            "path": row["path"],
            "line": row["line"],
            "columns": tuple(dict.fromkeys(row["filters"])),
        }
        for row in lacking.iter_rows(named=True)
    }

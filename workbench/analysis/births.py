"""When a name came into the upstream: what is younger than a release was in none."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from workbench.domain.tables import Table, table

BIRTHS: Table = table(
    "births",
    {
        "repository": (pl.String, "name of its repository or distribution"),
        "name": (pl.String, "dotted name with its module"),
        "born_utc": (pl.Datetime("us", "UTC"), "committer date of the commit that brought it"),
    },
)
BROUGHT = ("added", "moved", "renamed")


def births(history: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Find every moment at which a name was defined, or offered, where it had not been.

    Parameters
    ----------
    history : mapping
        Frames by the names in :data:`workbench.domain.histories.HISTORY_TABLES`; commits before
        the span count, because most names are older than it.

    Returns
    -------
    polars.DataFrame
        As declared in :data:`BIRTHS`, in the order of time; a name that went and came back is
        there twice. What stood before the first loaded commit has no row.
    """
    when = (
        history["file_changes"]
        .select("change_id", "commit_id")
        .join(
            history["every_commit"].select("commit_id", "repository", "committed_utc"),
            on="commit_id",
        )
    )
    brought = [
        history[name]
        .lazy()
        .filter(pl.col("change").is_in(BROUGHT))
        .select("change_id", name=pl.concat_str("module", pl.lit("."), "qualname"))
        for name in ("definitions_deltas", "exports_deltas")
    ]
    return BIRTHS.check(
        pl.concat(brought)
        .join(when.lazy(), on="change_id")
        .select("repository", "name", born_utc="committed_utc")
        .unique()
        .sort("born_utc", "repository", "name")
        .collect()
    )

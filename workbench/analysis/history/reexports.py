"""Other dotted names that a changed name could be imported by, proven by what modules export."""

from __future__ import annotations

import polars as pl

from workbench.domain.histories import History

# A re-export of a re-export is common (package, subpackage, module); longer chains are not.
LONGEST_CHAIN = 3


def aliases(hits: pl.DataFrame, history: History, *, targets: pl.Series) -> pl.DataFrame:
    """Find every spelling in use under which the names of hits could be imported before the change.

    A module that re-exports a name (``from pkg.module import Name`` in ``pkg/__init__.py``, a lazy
    table, an assignment) offers it, and all that hangs on it, under its own name. Only what the
    history has seen exported counts, and only until the commit that takes it away.

    Parameters
    ----------
    hits : polars.DataFrame
        As declared in :data:`workbench.domain.frames.HITS`.
    history : History
        Its ``exports_deltas``, all of them: also those before the hits' span.
    targets : polars.Series
        Dotted names that downstreams use; a spelling that none of them begins with is left out.

    Returns
    -------
    polars.DataFrame
        ``sha, name, alias``.
    """
    positions = history["commits"].select("sha", "repository", "position")
    names = (
        hits.select("sha", name=pl.concat_list("names", "qualname"))
        .explode("name", empty_as_null=False)
        .unique()
        .join(positions, on="sha")
    )
    offered = _in_use(_offered(history), targets)
    found, step = [], names.with_columns(spelled="name")
    for _ in range(LONGEST_CHAIN):
        step = _one_step(step, offered)
        if step.is_empty():
            break
        found.append(step.select("sha", "name", alias="spelled"))
    schema = {"sha": pl.String, "name": pl.String, "alias": pl.String}
    every = pl.concat(found) if found else pl.DataFrame(schema=schema)
    return every.filter(pl.col("alias") != pl.col("name")).unique().sort("sha", "name", "alias")


def _in_use(offered: pl.DataFrame, targets: pl.Series) -> pl.DataFrame:
    """Re-exports that lead from a name in use towards its definition, over as many steps."""
    kept, names = [], targets
    for _ in range(LONGEST_CHAIN):
        prefixes = {s[:at] for s in names.drop_nulls().unique() for at in _ends(s)}
        step = offered.filter(pl.col("offer").is_in(prefixes))
        kept.append(step)
        names = step["target"]
    return pl.concat(kept).unique()


def _offered(history: History) -> pl.DataFrame:
    """repository, position, target, offer, begins: when a module began or ceased to offer it."""
    rows = (
        history["exports_deltas"]
        .lazy()
        .join(history["file_changes"].lazy().select("change_id", "commit_id"), on="change_id")
        .join(
            history["commits"].lazy().select("commit_id", "repository", "position"), on="commit_id"
        )
    )
    begun = rows.select(
        "repository",
        "position",
        target=pl.col("after").struct.field("target"),
        offer=pl.concat_str("module", pl.lit("."), pl.col("after").struct.field("name")),
        begins=pl.lit(value=True),
    )
    ended = rows.select(
        "repository",
        "position",
        target=pl.col("before").struct.field("target"),
        offer=pl.concat_str(
            pl.coalesce("before_module", "module"),
            pl.lit("."),
            pl.col("before").struct.field("name"),
        ),
        begins=pl.lit(value=False),
    )
    return pl.concat([begun, ended]).drop_nulls(["target", "offer"]).collect()


def _one_step(step: pl.DataFrame, offered: pl.DataFrame) -> pl.DataFrame:
    """The names of ``step`` under the names that modules re-exported them by at that time."""
    key = ["sha", "name", "repository", "position", "spelled"]
    prefixes = pl.DataFrame(
        [(s, s[:at], s[at:]) for s in step["spelled"].unique().drop_nulls() for at in _ends(s)],
        schema={"spelled": pl.String, "target": pl.String, "rest": pl.String},
        orient="row",
    )
    events = (
        step.join(prefixes, on="spelled")
        .join(offered, on=["repository", "target"], suffix="_seen")
        .with_columns(earlier=pl.col("position_seen") < pl.col("position"))
        # In one commit a name that goes and comes again was there before.
        .sort("position_seen", "begins")
    )
    before, later = (
        pl.col("begins").filter(pl.col("earlier")),
        pl.col("begins").filter(~pl.col("earlier")),
    )
    return (
        events.group_by(*key, "offer", "rest")
        .agg(last=before.last(), following=later.first())
        .filter(pl.col("last").fill_null(~pl.col("following")))
        .with_columns(spelled=pl.concat_str("offer", "rest"))
        .select(key)
        .unique()
    )


def _ends(name: str) -> list[int]:
    """Where the dotted prefixes of a name end, the whole name included."""
    return [at for at, character in enumerate(name) if character == "."] + [len(name)]

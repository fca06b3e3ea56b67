"""All that a module offered when it went as a whole: the names that somebody may import from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

Frames = Mapping[str, pl.DataFrame]


def with_members(hits: pl.DataFrame, history: Frames, *, missing: Collection[str]) -> pl.DataFrame:
    """Append to the names of hits on whole modules every name that stood in the module.

    A hit keeps a few names, and a module that goes takes away all of them.

    Parameters
    ----------
    hits : polars.DataFrame
        As declared in :data:`workbench.domain.frames.HITS`.
    history : mapping
        Frames by name: deltas of exports and definitions.
    missing : collection of str
        Ids of patterns whose hits are names that are gone.

    Returns
    -------
    polars.DataFrame
        The hits in their order.
    """
    wide = hits.filter(pl.col("pattern").is_in(list(missing))).select("sha", "qualname").unique()
    touched = (
        history["commits"]
        .select("sha", "commit_id")
        .join(wide.select("sha").unique(), on="sha", how="semi")
        .join(history["file_changes"].select("change_id", "commit_id"), on="commit_id")
        .select("sha", "change_id")
    )
    module = pl.coalesce("before_module", "module")
    own = pl.col("before").struct.field("name")
    top = pl.coalesce("before_qualname", "qualname")
    members = [
        history[f"{family}_deltas"]
        .filter(pl.col("before").is_not_null(), pl.col("change") != "changed")
        .join(touched, on="change_id")
        .select("sha", qualname=module, member=name)
        .join(wide, on=["sha", "qualname"], how="semi")
        for family, name in (("exports", own), ("definitions", top))
    ]
    listed = (
        pl.concat(members)
        .filter(~pl.col("member").str.contains(".", literal=True))
        .with_columns(member=pl.concat_str("qualname", pl.lit("."), "member"))
        .unique()
        .sort("sha", "qualname", "member")
        .group_by("sha", "qualname", maintain_order=True)
        .agg(members="member")
        .with_columns(pattern=pl.lit(sorted(missing), pl.List(pl.String)))
        .explode("pattern", empty_as_null=False)
    )
    key = ["sha", "qualname", "pattern"]
    names = pl.concat_list("names", pl.col("members").fill_null([]))
    return (
        hits.join(listed, on=key, how="left", maintain_order="left")
        .with_columns(names=names.list.unique(maintain_order=True))
        .drop("members")
    )

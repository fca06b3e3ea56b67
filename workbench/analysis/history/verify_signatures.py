"""Whole signatures of the functions whose parameters a commit changed, before and after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import polars as pl

from workbench.analysis.history.verify_evidence import Row
from workbench.domain.histories import History

Signatures = Mapping[tuple[str, str, str], tuple[Row, ...]]
"""(sha, before or after, dotted function) -> all its parameters."""
FIELDS = ("name", "position", "kind", "has_default")


def whole_signatures(findings: pl.DataFrame, history: History) -> Signatures:
    """All parameters of every function that takes or raises otherwise since a finding's commit.

    Parameters
    ----------
    findings : polars.DataFrame
        As declared in :data:`workbench.domain.findings.FINDINGS`.
    history : History
        Its ``segment_spans`` say what stood at each commit; where it has none, none is whole.

    Notes
    -----
    A function that one commit defines twice, in the branches of an if, has no one signature and is
    left out.
    """
    found: dict[tuple[str, str, str], tuple[Row, ...]] = {}
    changed = _changed(findings, history)
    if changed.is_empty():
        return found
    for side in ("before", "after"):
        wanted = changed.filter(pl.col(f"{side}_qualname").is_not_null()).select(
            "sha",
            "repository",
            "pair",
            at=pl.col("position").cast(pl.Int64) - int(side == "before"),
            path="old_path" if side == "before" else "path",
            module=f"{side}_module",
            qualname=f"{side}_qualname",
        )
        rows = _standing(wanted.unique(), history)
        kept: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for row in rows.iter_rows(named=True):
            kept[row["sha"], side, f"{row['module']}.{row['qualname']}"].append(row)
        for key, parameters in kept.items():
            if len({p["position"] for p in parameters}) == len(parameters):
                found[key] = tuple(sorted(parameters, key=lambda p: p["position"]))
    return found


def _changed(findings: pl.DataFrame, history: History) -> pl.DataFrame:
    """The functions, where they stand on both sides: other parameters, or another error."""
    commits = history["commits"].select(
        "commit_id",
        "sha",
        "repository",
        "position",
        pair=pl.when(pl.col("repository_kind") == "release").then("commit_id"),
    )
    touched = (
        commits.join(findings.select("sha").unique(), on="sha", how="semi")
        .join(history["file_changes"], on="commit_id")
        .select("sha", "repository", "pair", "position", "change_id", "old_path", "path")
    )
    scopes = ["change_id", "side", "module", "qualname", "scope_change"]
    scopes += ["before_module", "before_qualname"]
    families = ("parameters_deltas", "raises_deltas")
    return (
        pl.concat(history[family].select(scopes) for family in families)
        .filter(~pl.col("scope_change").is_in(["added", "removed", "module"]))
        .join(touched, on="change_id")
        .select(
            *("sha", "repository", "pair", "position", "old_path", "path"),
            after_module=pl.when(pl.col("side") == "after").then("module"),
            after_qualname="qualname",
            before_module=pl.coalesce("before_module", "module"),
            before_qualname=pl.coalesce("before_qualname", "qualname"),
        )
        .with_columns(after_module=pl.coalesce("after_module", "before_module"))
        .unique()
    )


def _standing(wanted: pl.DataFrame, history: History) -> pl.DataFrame:
    """The parameters of functions at commits."""
    local = pl.when(pl.col("owner") == "").then(pl.col("local"))
    named = local.when(pl.col("local") == "").then(pl.col("owner"))
    until = pl.col("until_position")
    spans = history.rows("segment_spans", column="path", values=wanted["path"].unique()).select(
        "repository", "pair", "path", "owner", "segment_id", "since_position", until
    )
    stood = wanted.join(spans, on=["repository", "pair", "path"], nulls_equal=True).filter(
        pl.col("since_position") <= pl.col("at"), until.is_null() | (until > pl.col("at"))
    )
    facts = history.rows(
        "fact_parameters", column="segment_id", values=stood["segment_id"].unique()
    )
    return (
        stood.join(facts.select("segment_id", *FIELDS, local="qualname"), on="segment_id")
        .filter(named.otherwise(pl.concat_str("owner", pl.lit("."), "local")) == pl.col("qualname"))
        .select("sha", "module", "qualname", *FIELDS)
        .sort("sha", "module", "qualname", "position")
    )

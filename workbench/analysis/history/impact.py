"""Joins hits with call sites by dotted name: what a change reaches, in which file and line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import accumulate

import polars as pl

from workbench.analysis.history.hot_path_names import on_hot_path
from workbench.domain.findings import CALL_SITE, FINDINGS, TRACE_STEP
from workbench.domain.history import Severity
from workbench.domain.patterns import HotPath

MOST_NAMES = 5
# Who inherits from a class is reached by a change of any of its members.
INHERITING = ("subclass", "override")
# A use that has another way to go: the import stands in a try, or under a check of the version.
GUARDED = ("try", "version-check")
NEVER_RUN = "type-checking"
_RANKS = {severity.value: severity.rank for severity in Severity}
_SITE = ("downstream", "path", "line", "target", "expression")


def impact(
    hits: pl.DataFrame,
    call_sites: pl.DataFrame,
    *,
    aliases: pl.DataFrame | None = None,
    hot_paths: Sequence[HotPath] = (),
    missing: Collection[str] = (),
) -> pl.DataFrame:
    """Turn hits into findings, one for each commit, pattern and downstream that is reached.

    A call site is reached when its target is a changed name, hangs on one (``name.attribute``), or
    inherits from the class that holds one. The name must be the same from its package on: a symbol
    of that name in another module is none of ours.

    Parameters
    ----------
    hits : polars.DataFrame
        As declared in :data:`workbench.domain.frames.HITS`.
    call_sites : polars.DataFrame
        As declared in :data:`workbench.domain.frames.CALL_SITES`.
    aliases : polars.DataFrame, optional
        ``sha, name, alias``: under which other dotted names a changed name can be imported, as
        :func:`workbench.analysis.history.reexports.aliases` gives them.
    hot_paths : sequence of HotPath
        Entry points that run often: a hit of MEDIUM-HIGH or over in one of them that reaches no
        call site concerns everyone.
    missing : collection of str
        Ids of patterns whose hits are names that are gone: who merely inherits from the class that
        held one may never ask for it, so only a use or an override of the name is reached, and
        nobody else is concerned.

    Returns
    -------
    polars.DataFrame
        As declared in :data:`workbench.domain.findings.FINDINGS`; ``trace`` is empty. ``LOW`` says
        that it still works, so such a finding is ``deprecated``, every other one ``break``. Where
        every use stands under a guard it still works, too; what only a type checker reads is no
        use.
    """
    numbered = hits.with_row_index("hit")
    gone = numbered.filter(pl.col("pattern").is_in(list(missing)))["hit"]
    reached = _reached(_names(numbered, aliases), call_sites, gone)
    ours = _findings(numbered, reached)
    unreached = numbered.join(reached, on="hit", how="anti")
    # Upstream itself no longer asks for a name that it took away.
    changed = unreached.filter(~pl.col("hit").is_in(gone.implode()))
    everyone = _for_everyone(changed, hot_paths)
    order = pl.col("downstream").fill_null("")
    both = pl.concat([ours, everyone])
    return FINDINGS.check(both.sort("sha", "path", "line", "pattern", order))


def _names(hits: pl.DataFrame, aliases: pl.DataFrame | None) -> pl.DataFrame:
    """hit, rank, name, spelled: every changed name in each spelling it can be imported by."""
    # Where names had to be cut to five, what the hit is in stands for the rest.
    every = pl.concat_list("names", "qualname").list.unique(maintain_order=True)
    own = (
        hits.select("hit", "sha", name=every)
        .with_columns(rank=pl.int_ranges(pl.col("name").list.len()))
        .explode("name", "rank", empty_as_null=False)
        .with_columns(spelled="name")
    )
    if aliases is None:
        return own.drop("sha")
    others = own.drop("spelled").join(aliases, on=["sha", "name"]).rename({"alias": "spelled"})
    return pl.concat([own, others.select(own.columns)]).drop("sha").unique()


def _reached(names: pl.DataFrame, call_sites: pl.DataFrame, gone: pl.Series) -> pl.DataFrame:
    """hit, rank, name and the columns of each call site that it reaches."""
    sites = call_sites.filter(pl.col("guard").fill_null("none") != NEVER_RUN).with_row_index("site")
    targets = sites["target"].drop_nulls().unique().to_list()
    prefixes = pl.DataFrame(
        [(target, prefix) for target in targets for prefix in _and_above(target)],
        schema={"target": pl.String, "spelled": pl.String},
        orient="row",
    )
    used = names.join(prefixes, on="spelled").join(sites, on="target")
    changed = names.filter(~pl.col("hit").is_in(gone.implode()))
    holders = changed.with_columns(target=pl.col("spelled").str.replace(r"\.[^.]+$", ""))
    inherited = holders.join(sites.filter(pl.col("kind").is_in(INHERITING)), on="target")
    columns = ["hit", "rank", "name", "site", "guard", *_SITE]
    return pl.concat([used.select(columns), inherited.select(columns)]).unique()


def _and_above(name: str) -> tuple[str, ...]:
    """A dotted name and everything that holds it: a.b gives a and a.b."""
    return tuple(accumulate(name.split("."), lambda a, b: f"{a}.{b}"))


def _findings(hits: pl.DataFrame, reached: pl.DataFrame) -> pl.DataFrame:
    key = ["sha", "pattern", "downstream"]
    joined = reached.join(
        hits.select("hit", "sha", "pattern", "severity", "path", "line"),
        on="hit",
        suffix="_upstream",
    )
    worst = (
        joined.sort(
            _rank(), "path_upstream", "line_upstream", "hit", descending=[True, False, False, False]
        )
        .unique(key, keep="first", maintain_order=True)
        .select(*key, "hit")
    )
    names = (
        joined.sort(_rank(), "hit", "rank", descending=[True, False, False])
        .group_by(key, maintain_order=True)
        .agg(names=pl.col("name").unique(maintain_order=True).head(MOST_NAMES))
    )
    sites = (
        joined.unique([*key, "site"])
        .sort(_SITE)
        .group_by(key, maintain_order=True)
        .agg(call_sites=pl.struct(*CALL_SITE.to_schema()).unique(maintain_order=True))
    )
    found = (
        worst.join(hits.drop("names", *key[:2]), on="hit").join(names, on=key).join(sites, on=key)
    )
    guarded = joined.group_by(key).agg(
        guarded=pl.col("guard").fill_null("none").is_in(GUARDED).all()
    )
    mild = pl.when("guarded").then(pl.lit(Severity.LOW.value)).otherwise("severity")
    found = found.join(guarded, on=key).with_columns(severity=mild)
    kind = pl.when(pl.col("severity") == Severity.LOW.value).then(pl.lit("deprecated"))
    return _shaped(found.with_columns(kind=kind.otherwise(pl.lit("break"))))


def _for_everyone(unreached: pl.DataFrame, hot_paths: Sequence[HotPath]) -> pl.DataFrame:
    """The worst hit of each commit and pattern that stands on a hot path and reaches nobody."""
    loud = unreached.filter(
        (_rank() >= Severity.MEDIUM_HIGH.rank) & on_hot_path(pl.col("qualname"), hot_paths)
    )
    worst = loud.sort(_rank(), "path", "line", descending=[True, False, False]).unique(
        ["sha", "pattern"], keep="first", maintain_order=True
    )
    return _shaped(
        worst.with_columns(
            kind=pl.lit("everyone"),
            downstream=pl.lit(None, pl.String),
            call_sites=pl.lit([], pl.List(CALL_SITE)),
        )
    )


def _shaped(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(trace=pl.lit([], pl.List(TRACE_STEP))).select(list(FINDINGS.columns))


def _rank() -> pl.Expr:
    return pl.col("severity").replace_strict(_RANKS, return_dtype=pl.Int8)

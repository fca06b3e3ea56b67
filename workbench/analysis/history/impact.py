"""Joins hits with call sites by dotted name: what a change reaches, in which file and line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import accumulate

import polars as pl

from workbench.analysis.history.hot_path_names import on_hot_path
from workbench.domain.findings import CALL_SITE, FINDINGS
from workbench.domain.history import Severity
from workbench.domain.patterns import HotPath

MOST_NAMES = 5
# Who inherits from a class is reached by a change of any of its members.
INHERITING = ("subclass", "override")
WORD_IN_QUOTES = "literal:"
HITS_A_STEP = 500
_RANKS = {severity.value: severity.rank for severity in Severity}
_SITE = ("downstream", "path", "line", "target", "expression", "kind", "scope", "guard")
# When a call site began to stand and when it went; a frame without these holds only what stands.
SPAN = ("since_utc", "until_utc")


def impact(
    hits: pl.DataFrame,
    call_sites: pl.DataFrame,
    *,
    aliases: pl.DataFrame | None = None,
    hot_paths: Sequence[HotPath] = (),
    hot: pl.DataFrame | None = None,
    missing: Collection[str] = (),
    behavioural: Collection[str] | None = None,
    commits: pl.DataFrame | None = None,
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
    hot : polars.DataFrame, optional
        ``sha, name``: functions that run often though they are no entry points, as
        :func:`workbench.analysis.history.hot_reach.hot_names` gives them.
    missing : collection of str
        Ids of patterns whose hits are names that are gone: who merely inherits from the class that
        held one may never ask for it, so only a use or an override of the name is reached, and
        nobody else is concerned.
    behavioural : collection of str, optional
        Ids of patterns about how something runs; only their hits concern everyone. All of them
        when left out.
    commits : polars.DataFrame, optional
        ``sha, committed_utc`` of the hits. With them, a call site that says when it stood
        (``since_utc <= committed_utc < until_utc``, null for no bound) counts only then.

    Returns
    -------
    polars.DataFrame
        As declared in :data:`workbench.domain.findings.FINDINGS`; what later phases find out is
        null. ``LOW`` says that it still works, so such a finding is ``deprecated``, every other
        one ``break``.
    """
    numbered = hits.with_row_index("hit")
    gone = numbered.filter(pl.col("pattern").is_in(list(missing)))["hit"]
    sites = _dated(call_sites).with_row_index("site")
    # What a site says is joined last: it is long, and most of what is reached stood at other times.
    slim = sites.select("site", "target", "kind", *SPAN)
    prefixes = _prefixes(slim["target"])
    reached = pl.concat(
        _standing(_reached(names, slim, prefixes, gone=gone), numbered, commits)
        for names in _steps(_names(numbered, aliases))
    )
    reached = reached.join(sites.select("site", *_SITE), on="site")
    ours = _findings(numbered, reached)
    unreached = numbered.join(reached, on="hit", how="anti")
    # Upstream itself no longer asks for a name that it took away.
    changed = unreached.filter(~pl.col("hit").is_in(gone.implode()))
    if behavioural is not None:
        changed = changed.filter(pl.col("pattern").is_in(list(behavioural)))
    everyone = _for_everyone(changed, hot_paths, hot)
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


def _dated(call_sites: pl.DataFrame) -> pl.DataFrame:
    """Call sites with the span they stood in; nulls where the frame says none."""
    bound = pl.lit(None, pl.Datetime("us", "UTC"))
    return call_sites.with_columns(bound.alias(c) for c in SPAN if c not in call_sites.columns)


def _standing(
    reached: pl.DataFrame, hits: pl.DataFrame, commits: pl.DataFrame | None
) -> pl.DataFrame:
    """Only the call sites that stood when the commit landed."""
    if commits is None:
        return reached.drop(SPAN)
    at = hits.select("hit", "sha").join(commits.select("sha", "committed_utc").unique(), on="sha")
    since, until = pl.col("since_utc"), pl.col("until_utc")
    stood = (since.is_null() | (since <= pl.col("committed_utc"))) & (
        until.is_null() | (pl.col("committed_utc") < until)
    )
    return reached.join(at, on="hit").filter(stood).drop("sha", "committed_utc", *SPAN)


def _steps(names: pl.DataFrame) -> list[pl.DataFrame]:
    """Names of some hits at a time: most call sites that they reach stood at other times."""
    step = names.with_columns(step=pl.col("hit") // HITS_A_STEP)
    return step.partition_by("step", include_key=False) or [names]


def _prefixes(targets: pl.Series) -> pl.DataFrame:
    """Every target with itself and all that holds it."""
    return pl.DataFrame(
        [(t, prefix) for t in targets.drop_nulls().unique().to_list() for prefix in _and_above(t)],
        schema={"target": pl.String, "spelled": pl.String},
        orient="row",
    )


def _reached(
    names: pl.DataFrame, sites: pl.DataFrame, prefixes: pl.DataFrame, *, gone: pl.Series
) -> pl.DataFrame:
    """hit, rank, name, number and span of each call site that it reaches."""
    used = _nearest(names.join(prefixes, on="spelled").join(sites, on="target"), gone)
    changed = names.filter(~pl.col("hit").is_in(gone.implode()))
    holders = changed.with_columns(target=pl.col("spelled").str.replace(r"\.[^.]+$", ""))
    inherited = holders.join(sites.filter(pl.col("kind").is_in(INHERITING)), on="target")
    columns = ["hit", "rank", "name", "site", *SPAN]
    return pl.concat([used.select(columns), inherited.select(columns)]).unique()


def _nearest(used: pl.DataFrame, gone: pl.Series) -> pl.DataFrame:
    """Of several names that are gone and lead to one use, the one that says most.

    Of a module that goes, with all that stood in it, the use wants one name.
    """
    lost = pl.col("hit").is_in(gone.implode())
    size = pl.col("spelled").str.len_chars()
    return used.filter(~lost | (size == size.max().over("hit", "site")))


def hangs_on(target: str, name: str) -> bool:
    """Whether a dotted name is another one, or hangs on it; a word in quotes is only itself."""
    return target == name or (
        target.startswith(f"{name}.") and not target.startswith(WORD_IN_QUOTES)
    )


def _and_above(name: str) -> tuple[str, ...]:
    """A dotted name and everything that holds it: a.b gives a and a.b."""
    if name.startswith(WORD_IN_QUOTES):
        return (name,)
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
        joined.group_by(*key, "name")
        .agg(_rank().max(), pl.col("site").n_unique(), pl.col("hit").min(), pl.col("rank").min())
        .sort("severity", "site", "hit", "rank", descending=[True, True, False, False])
        .group_by(key, maintain_order=True)
        .agg(names=pl.col("name").head(MOST_NAMES))
    )
    sites = (
        joined.unique([*key, "site"])
        .sort(_SITE, nulls_last=True)
        .group_by(key, maintain_order=True)
        .agg(call_sites=pl.struct(*CALL_SITE.to_schema()).unique(maintain_order=True))
    )
    found = (
        worst.join(hits.drop("names", *key[:2]), on="hit").join(names, on=key).join(sites, on=key)
    )
    kind = pl.when(pl.col("severity") == Severity.LOW.value).then(pl.lit("deprecated"))
    return _shaped(found.with_columns(kind=kind.otherwise(pl.lit("break"))))


def _for_everyone(
    unreached: pl.DataFrame, hot_paths: Sequence[HotPath], hot: pl.DataFrame | None
) -> pl.DataFrame:
    """The worst hit of each commit and pattern that stands on a hot path and reaches nobody."""
    loud = unreached.filter(_rank() >= Severity.MEDIUM_HIGH.rank)
    runs = on_hot_path(pl.col("qualname"), hot_paths)
    if hot is not None:
        key = ["sha", "qualname"]
        reached = hot.select("sha", qualname="name", is_hot=pl.lit(value=True)).unique()
        loud = loud.join(reached, on=key, how="left", maintain_order="left")
        runs = runs | pl.col("is_hot").fill_null(value=False)
    loud = loud.filter(runs).select(unreached.columns)
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
    later = [name for name in FINDINGS.columns if name not in rows.columns]
    types = {name: FINDINGS.columns[name].dtype for name in later}
    empty = ("trace", "also")
    return rows.with_columns(
        pl.lit([] if name in empty else None, types[name]).alias(name) for name in later
    ).select(list(FINDINGS.columns))


def _rank() -> pl.Expr:
    return pl.col("severity").replace_strict(_RANKS, return_dtype=pl.Int8)

"""When a name came into the upstream: what is younger than a release was in none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from workbench.domain.standing import BIRTHS

# Version of everything that decides when a name came: another number tells it anew.
BIRTHS_RULES = 1
TOLD_FROM = ("every_commit", "file_changes", "definitions_deltas", "exports_deltas")
BROUGHT = ("added", "moved", "renamed")
LEFT = ("removed", "moved", "renamed")
# The time between two releases, about: what is back before the next one was never away.
BETWEEN_RELEASES = timedelta(days=60)


def births_of(history: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the births that are kept, or tell them: see :func:`births`."""
    kept = history.get(BIRTHS.name)
    return births(history) if kept is None or kept.is_empty() else kept


def births(history: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Find every moment at which a name was defined, or offered, where it had not been.

    Parameters
    ----------
    history : mapping
        The frames :data:`TOLD_FROM`; commits before the span count, because most names are older
        than it.

    Returns
    -------
    polars.DataFrame
        As declared in :data:`BIRTHS`, in the order of time. A name that went and came back is there
        twice, unless it came back before the next release (a change and its revert); one that a
        commit merely offers in another way (a shim takes the place of the definition) is not.
        What stood in the first loaded commit, or before it, has no row: nobody knows how old it is.
    """
    commits = history["every_commit"].with_columns(
        known=pl.col("position") > pl.col("position").min().over("repository")
    )
    when = (
        history["file_changes"]
        .select("change_id", "commit_id")
        .join(commits.select("commit_id", "repository", "committed_utc", "known"), on="commit_id")
    )
    told = [_defined(history["definitions_deltas"]), _offered(history["exports_deltas"])]
    names = pl.concat(told).join(when.lazy(), on="change_id")
    came = names.filter(pl.col("change").is_in(BROUGHT) & pl.col("known")).join(
        names.filter("stood"),
        left_on=["commit_id", "name"],
        right_on=["commit_id", "was"],
        how="anti",
    )
    return BIRTHS.check(_for_good(came, names).collect())


def _for_good(came: pl.LazyFrame, names: pl.LazyFrame) -> pl.LazyFrame:
    """What came and had not only been away for a while."""
    place = ["repository", "name"]
    born = came.select(*place, born_utc="committed_utc").unique()
    gone = (
        names.filter(pl.col("change").is_in(LEFT) & pl.col("stood"))
        .select("repository", name="was", gone_utc="committed_utc")
        .join(born.select(place).unique(), on=place, how="semi")
        .unique()
        .sort("gone_utc")
    )
    return (
        born.sort("born_utc")
        .join_asof(
            gone,
            left_on="born_utc",
            right_on="gone_utc",
            by=place,
            strategy="backward",
            check_sortedness=False,
        )
        .filter((pl.col("born_utc") - pl.col("gone_utc") > BETWEEN_RELEASES).fill_null(value=True))
        .select(*place, "born_utc")
        .sort("born_utc", *place)
    )


def _named(deltas: pl.DataFrame) -> pl.LazyFrame:
    """What deltas tell of names: which one came, and which one stood before."""
    was = pl.concat_str(
        pl.coalesce("before_module", "module"),
        pl.lit("."),
        pl.coalesce("before_qualname", "qualname"),
    )
    return deltas.lazy().select(
        "change_id",
        "change",
        name=pl.concat_str("module", pl.lit("."), "qualname"),
        was=was,
        stood=pl.col("before").is_not_null(),
    )


def _defined(deltas: pl.DataFrame) -> pl.LazyFrame:
    """The same of definitions; a setter comes to a property that is there."""
    decorators = pl.col("after").struct.field("decorators")
    another = decorators.list.eval(pl.element().str.contains(r"\.(setter|deleter)$")).list.any()
    return _named(deltas.filter(~another.fill_null(value=False)))


def _offered(deltas: pl.DataFrame) -> pl.LazyFrame:
    """The same of exports; a name that a module lists in ``__all__`` was there before the list."""
    how = pl.coalesce(pl.col(side).struct.field("how") for side in ("after", "before"))
    return _named(deltas.filter(how.ne_missing("all")))

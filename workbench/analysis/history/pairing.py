"""Pairs the facts of two sides: inside the function they belong to, wherever that went."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from workbench.analysis.history.located import AFTER, BEFORE
from workbench.analysis.history.matching import best_pairs, paired_in_turn, without
from workbench.domain.facts import FactFamily

EDITED = 0.5  # share of common words from which a text is the same one, edited
MOST_ALIKE = 30  # facts of one function that are tried against each other
WORD = r"\w+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scopes:
    """Functions, classes and modules across a change.

    ``leads``: where a scope before went (``change_id``, ``scope``, ``to_change``, ``to_scope``).
    ``became``: what became of the scope on each side (``change_id``, ``side``, ``scope``,
    ``scope_change``). ``names``: the same for the names of definitions at module level.
    """

    leads: pl.DataFrame
    became: pl.DataFrame
    names: pl.DataFrame

    def told(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Delta rows with ``scope_change``."""
        joined = rows.join(self.became, on=["change_id", "side", "scope"], how="left")
        return joined.with_columns(
            scope_change=pl.when(pl.col("scope") == "")
            .then(pl.lit("module"))
            .otherwise(pl.col("scope_change").fill_null("kept"))
        )


def scopes_of(definitions: pl.DataFrame, pairs: pl.DataFrame, *, segments: pl.DataFrame) -> Scopes:
    """What became of every scope, from its definition.

    Parameters
    ----------
    definitions : polars.DataFrame
        Located facts of the ``definitions`` family.
    pairs : polars.DataFrame
        Which of them are one, as :func:`~workbench.analysis.history.moves.definition_pairs` says.
    segments : polars.DataFrame
        Segments with the module of their side.
    """
    slim = definitions.select("row", "change_id", "side", "module", "qualname")
    both = pairs.join(slim, left_on="before", right_on="row").join(
        slim, left_on="after", right_on="row", suffix="_after"
    )
    went = (
        pl.when(pl.col("module") != pl.col("module_after"))
        .then(pl.lit("moved"))
        .when(pl.col("qualname") != pl.col("qualname_after"))
        .then(pl.lit("renamed"))
        .otherwise(pl.lit("kept"))
    )
    both = both.with_columns(scope_change=went)
    became = pl.concat(
        [
            both.select("change_id", pl.lit("before").alias("side"), "qualname", "scope_change"),
            both.select(
                change_id="change_id_after",
                side=pl.lit("after"),
                qualname="qualname_after",
                scope_change="scope_change",
            ),
            _alone(slim, pairs, side="before", change="removed"),
            _alone(slim, pairs, side="after", change="added"),
        ]
    ).rename({"qualname": "scope"})
    leads = _unambiguous(
        both.select(
            "change_id",
            scope="qualname",
            to_change="change_id_after",
            to_scope="qualname_after",
            kept=pl.col("scope_change") == "kept",
        )
    )
    return Scopes(
        leads=pl.concat([leads, _modules(segments)]),
        # Of two definitions of one name, the one that was kept says what became of it.
        became=became.sort(pl.col("scope_change") != "kept", maintain_order=True).unique(
            ["change_id", "side", "scope"], keep="first", maintain_order=True
        ),
        names=leads.filter(~pl.col("scope").str.contains(".", literal=True)),
    )


def _unambiguous(leads: pl.DataFrame) -> pl.DataFrame:
    """Leads that no other contradicts: a name defined twice may have gone to two places."""
    source, target = ["change_id", "scope"], ["to_change", "to_scope"]
    single = (pl.len().over(source) == 1) & (pl.len().over(target) == 1)
    kept = leads.unique(maintain_order=True).filter(pl.col("kept") | single).drop("kept")
    return kept.unique(source, keep="first", maintain_order=True)


def fact_pairs(
    family: FactFamily, rows: pl.DataFrame, facts: pl.DataFrame, scopes: Scopes
) -> pl.DataFrame:
    """Pair facts that are one: identical first, then of the same key, then edited a little.

    Parameters
    ----------
    family : FactFamily
        The family of the facts.
    rows, facts : polars.DataFrame
        Located and prepared facts.
    scopes : Scopes
        What became of the functions and modules that they stand in.
    """
    before, after = _in_scopes(rows, scopes)
    pairs = paired_in_turn(before, after, ["same", "key"]).drop("key")
    if family.name == "exports":
        before, after = without(before, pairs, "before"), without(after, pairs, "after")
        pairs = pl.concat([pairs, _followed(before, after, scopes)])
    if family.similar is not None:
        before, after = without(before, pairs, "before"), without(after, pairs, "after")
        pairs = pl.concat([pairs, _edited(family, before, after, facts)])
    return pairs


def _alone(slim: pl.DataFrame, pairs: pl.DataFrame, *, side: str, change: str) -> pl.DataFrame:
    number = BEFORE if side == "before" else AFTER
    return without(slim.filter(side=number), pairs, side).select(
        "change_id",
        pl.lit(side).alias("side"),
        "qualname",
        pl.lit(change).alias("scope_change"),
    )


def _modules(segments: pl.DataFrame) -> pl.DataFrame:
    """Where a module went whose file was removed, while the commit added it as another file."""
    sides = segments.select("commit_id", "change_id", "module", "side").unique()
    one_sided = sides.filter(pl.len().over("change_id") == 1)
    gone, come = one_sided.filter(side=BEFORE), one_sided.filter(side=AFTER)
    return (
        gone.join(come, on=["commit_id", "module"], suffix="_after")
        .select(
            "change_id",
            scope=pl.lit(""),
            to_change="change_id_after",
            to_scope=pl.lit(""),
        )
        .unique(["change_id"], keep="first", maintain_order=True)
    )


def _in_scopes(rows: pl.DataFrame, scopes: Scopes) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of each side with the scope they are compared in, told as on the side after."""
    before = (
        rows.filter(side=BEFORE)
        .join(scopes.leads, on=["change_id", "scope"], how="left", maintain_order="left")
        .with_columns(
            inside=pl.struct(
                change_id=pl.col("to_change").fill_null(pl.col("change_id")),
                scope=pl.col("to_scope").fill_null(pl.col("scope")),
            ).hash()
        )
        .drop("to_change", "to_scope")
    )
    after = rows.filter(side=AFTER).with_columns(inside=pl.struct("change_id", "scope").hash())
    keyed = [pl.struct("inside", name).hash().alias(name) for name in ("key", "same")]
    return before.with_columns(keyed), after.with_columns(keyed)


def _followed(before: pl.DataFrame, after: pl.DataFrame, scopes: Scopes) -> pl.DataFrame:
    """Pair exported names whose definition went to another name or module."""
    leads = scopes.names.rename({"scope": "qualname"})
    moved = before.join(leads, on=["change_id", "qualname"], maintain_order="left").select(
        "row", goes=pl.struct("to_change", "to_scope").hash()
    )
    stood = after.select("row", goes=pl.struct("change_id", "qualname").hash())
    return paired_in_turn(moved, stood, ["goes"]).drop("key")


def _edited(
    family: FactFamily, before: pl.DataFrame, after: pl.DataFrame, facts: pl.DataFrame
) -> pl.DataFrame:
    """Pair facts of one scope whose text is nearly the same and whose other keys are equal."""
    text = pl.col(family.similar or "")
    others = [name for name in family.key if name != family.similar]
    words = text.str.extract_all(WORD).list.unique(maintain_order=True).alias("words")
    left, right = (
        side.select("row", "inside")
        .hstack(facts[side["fact"]].select(*others, words))
        .select("row", "words", place=pl.struct("inside", *others).hash())
        .filter(pl.len().over("place") <= MOST_ALIKE)
        for side in (before, after)
    )
    shared = pl.col("words").list.set_intersection("words_after").list.len()
    every = pl.col("words").list.set_union("words_after").list.len()
    candidates = (
        left.join(right, on="place", suffix="_after")
        .select(before="row", after="row_after", score=shared / every)
        .filter(pl.col("score") >= EDITED)
    )
    return best_pairs(candidates)

"""What a change did to each fact: added, removed, changed, renamed or moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from workbench.analysis.history.located import AFTER, BEFORE, located, places, prepared
from workbench.analysis.history.matching import without
from workbench.analysis.history.moves import definition_pairs
from workbench.analysis.history.pairing import fact_pairs, scopes_of
from workbench.domain.facts import DELTA_TABLES, FAMILIES, FactFamily

# Version of everything that decides what a delta says: another number derives them all anew.
DELTAS = 2
PLACE = ("change_id", "line", "owner", "module", "qualname", "scope")
SEGMENTS_A_STEP = 60_000  # bounds memory; a commit stays whole, because moves are found inside it


def deltas(
    changes: pl.DataFrame,
    change_facts: pl.DataFrame,
    change_segments: pl.DataFrame,
    facts: Mapping[str, pl.DataFrame],
) -> dict[str, pl.DataFrame]:
    """Compare the facts on the two sides of each change.

    Parameters
    ----------
    changes : polars.DataFrame
        ``change_id``, ``commit_id``, ``old_path``, ``path`` of whole commits.
    change_facts, change_segments : polars.DataFrame
        As extracted; a change that does not parse gives no deltas.
    facts : mapping of str to polars.DataFrame
        Raw facts by table name (``fact_guards``, ...); a family that is missing has none.

    Returns
    -------
    dict of str to polars.DataFrame
        One frame for each of :data:`~workbench.domain.facts.DELTA_TABLES`, in the order of change,
        line and name.
    """
    segments = places(changes, change_facts, change_segments)
    tables = {
        name: prepared(family, found, segments)
        for name, family in FAMILIES.items()
        if len(found := facts.get(f"fact_{name}", family.fact_table.empty()))
        or name == "definitions"
    }
    steps = [_step(tables, step) for step in _steps(segments)]
    return {
        name: pl.concat([table.empty(), *(step[name] for step in steps)])
        for name, table in DELTA_TABLES.items()
    }


def _steps(segments: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Segments in groups of whole commits."""
    if segments.is_empty():
        return
    by_commit = segments.group_by("commit_id").len().sort("commit_id")
    group = (pl.col("len").cum_sum() - 1) // SEGMENTS_A_STEP
    grouped = segments.join(
        by_commit.select("commit_id", group=group), on="commit_id", maintain_order="left"
    )
    for _, step in grouped.partition_by("group", as_dict=True, include_key=False).items():
        yield step


def _step(tables: Mapping[str, pl.DataFrame], segments: pl.DataFrame) -> dict[str, pl.DataFrame]:
    definitions = located(FAMILIES["definitions"], tables["definitions"], segments)
    pairs = definition_pairs(definitions, tables["definitions"])
    scopes = scopes_of(definitions, pairs, segments=segments)
    made = {}
    for name, family in FAMILIES.items():
        # a small change holds few families, and each would cost a hundredth of a second
        made[f"{name}_deltas"] = family.delta_table.empty()
        if name not in tables:
            continue
        rows, found = definitions, pairs
        if name != "definitions":
            rows = located(family, tables[name], segments)
            if rows.is_empty():
                continue
            found = fact_pairs(family, rows, tables[name], scopes)
        told = scopes.told(_told(family, rows, found))
        made[f"{name}_deltas"] = _with_facts(family, told, tables[name])
    return made


def _told(family: FactFamily, rows: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """What happened to the facts of both sides, given which of them are one."""
    before, after = rows.filter(side=BEFORE), rows.filter(side=AFTER)
    both = (
        pairs.join(before, left_on="before", right_on="row")
        .join(after, left_on="after", right_on="row", suffix="_after")
        .with_columns(change=_change(family))
        .filter(pl.col("change").is_not_null())
        .select(
            *("change", "commit_id"),
            **{name: f"{name}_after" for name in PLACE},
            side=pl.lit("after"),
            fact_before="fact",
            fact_after="fact_after",
            **_former(),
        )
    )
    nothing = {"before_module": pl.String, "before_qualname": pl.String}
    alone = []
    for side, change, frame in (("before", "removed", before), ("after", "added", after)):
        other = {"before": "fact_after", "after": "fact_before"}[side]
        alone.append(
            without(frame, pairs, side)
            .rename({"fact": f"fact_{side}"})
            .with_columns(
                pl.lit(change).alias("change"),
                pl.lit(side).alias("side"),
                pl.lit(None, dtype=pl.UInt32).alias(other),
                *(pl.lit(None, dtype=dtype).alias(name) for name, dtype in nothing.items()),
            )
            .select(both.columns)
        )
    return pl.concat([both, *alone])


def _with_facts(family: FactFamily, told: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Delta rows with the facts themselves, in order."""
    told = told.sort(
        *("commit_id", "change_id", "line", "qualname", "side", "change"), maintain_order=True
    )
    sides = {}
    for side in ("before", "after"):
        fields = facts.select(list(family.columns))[told[f"fact_{side}"].fill_null(0)]
        if family.name == "definitions":
            # A segment does not know whether the class around it is public.
            shown = ~told["owner"].str.starts_with("_") | told["owner"].str.contains("^__.*__$")
            fields = fields.with_columns(public=pl.col("public") & shown)
        struct = fields.select(pl.struct(list(family.columns)).alias(side)).to_series()
        present = told[f"fact_{side}"].is_not_null()
        sides[side] = pl.select(pl.when(present).then(struct)).to_series().alias(side)
    return told.with_columns(**sides).select(list(family.delta_table.columns))


def _elsewhere() -> tuple[pl.Expr, pl.Expr]:
    moved = pl.col("module") != pl.col("module_after")
    return moved, ~moved & (pl.col("qualname") != pl.col("qualname_after"))


def _change(family: FactFamily) -> pl.Expr:
    """Kind of change of a pair; null when nothing happened to it."""
    moved, renamed = _elsewhere()
    changed = pl.when(pl.col("same") != pl.col("same_after")).then(pl.lit("changed"))
    if not family.named:
        return changed
    return (
        pl.when(moved)
        .then(pl.lit("moved"))
        .when(renamed)
        .then(pl.lit("renamed"))
        .otherwise(changed)
    )


def _former() -> dict[str, pl.Expr]:
    moved, renamed = _elsewhere()
    return {
        f"before_{name}": pl.when(moved | renamed).then(pl.col(name))
        for name in ("module", "qualname")
    }

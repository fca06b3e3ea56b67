"""What a change did to each fact: added, removed, changed, renamed or moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from workbench.analysis.history.located import AFTER, BEFORE, located, places
from workbench.analysis.history.moves import definition_pairs
from workbench.analysis.history.pairing import Scopes, fact_pairs, scopes_of
from workbench.domain.facts import DELTA_TABLES, FAMILIES, FactFamily

# Version of everything that decides what a delta says: another number derives them all anew.
DELTAS = 1
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
        name: facts[f"fact_{name}"] if f"fact_{name}" in facts else family.fact_table.empty()
        for name, family in FAMILIES.items()
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
    grouped = segments.join(by_commit.select("commit_id", group=group), on="commit_id")
    for _, step in grouped.partition_by("group", as_dict=True, include_key=False).items():
        yield step


def _step(tables: Mapping[str, pl.DataFrame], segments: pl.DataFrame) -> dict[str, pl.DataFrame]:
    definitions = located(FAMILIES["definitions"], tables["definitions"], segments=segments)
    pairs = definition_pairs(definitions)
    scopes = scopes_of(definitions, pairs, segments=segments)
    made = {}
    for name, family in FAMILIES.items():
        if name == "definitions":
            rows, found = definitions, pairs
        else:
            rows = located(family, tables[name], segments=segments)
            found = fact_pairs(family, rows, scopes)
        made[f"{name}_deltas"] = _deltas(family, rows, found, scopes)
    return made


def _deltas(
    family: FactFamily, rows: pl.DataFrame, pairs: pl.DataFrame, scopes: Scopes
) -> pl.DataFrame:
    """Rows of the delta table from the facts of both sides and which of them are one."""
    before, after = rows.filter(side=BEFORE), rows.filter(side=AFTER)
    same = _fields_equal((*family.key, *family.compared))
    both = (
        pairs.select("before", "after")
        .join(before, left_on="before", right_on="row")
        .join(after, left_on="after", right_on="row", suffix="_after")
        .with_columns(change=_change(family, same))
        .filter(pl.col("change").is_not_null())
        .select(
            "change",
            "commit_id",
            change_id="change_id_after",
            line="line_after",
            side=pl.lit("after"),
            module="module_after",
            qualname="qualname_after",
            scope="scope_after",
            before="fact",
            after="fact_after",
            **_former(),
        )
    )
    alone = []
    for side, change, frame in (("before", "removed", before), ("after", "added", after)):
        left = frame.join(pairs, left_on="row", right_on=side, how="anti")
        other = "after" if side == "before" else "before"
        alone.append(
            left.select(
                "commit_id",
                "change_id",
                "line",
                "module",
                "qualname",
                "scope",
                pl.lit(change).alias("change"),
                pl.lit(side).alias("side"),
                pl.col("fact").alias(side),
                pl.lit(None, dtype=rows.schema["fact"]).alias(other),
                pl.lit(None, dtype=pl.String).alias("before_module"),
                pl.lit(None, dtype=pl.String).alias("before_qualname"),
            )
        )
    every = pl.concat([both, *(frame.select(both.columns) for frame in alone)])
    table = family.delta_table
    return (
        scopes.told(every)
        .sort("commit_id", "change_id", "line", "qualname", "side", "change", maintain_order=True)
        .select(list(table.columns))
    )


def _fields_equal(names: tuple[str, ...]) -> pl.Expr:
    before, after = pl.col("fact").struct, pl.col("fact_after").struct
    return pl.all_horizontal(
        [before.field(name).eq_missing(after.field(name)) for name in names] or [pl.lit(True)]
    )


def _elsewhere() -> tuple[pl.Expr, pl.Expr]:
    moved = pl.col("module") != pl.col("module_after")
    return moved, ~moved & (pl.col("qualname") != pl.col("qualname_after"))


def _change(family: FactFamily, same: pl.Expr) -> pl.Expr:
    """Kind of change of a pair; null when nothing happened to it."""
    moved, renamed = _elsewhere()
    changed = pl.when(~same).then(pl.lit("changed"))
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

"""What a ladder shows that a look for sequential scans would miss, each with its figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from workbench.lab.scenarios import NONE, Scenario

MANY_REMOVED = 1_000
TENFOLD = 10.0
LONG_TRIGGER_MS = 1.0
EARLY = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Pitfall:
    """One trap: its kind, the variant and size it was seen at, and what was seen."""

    kind: str
    variant: str
    rows: int
    text: str


def find_pitfalls(
    scenario: Scenario, measurements: pl.DataFrame, plans: pl.DataFrame
) -> tuple[Pitfall, ...]:
    """Name the traps of a ladder, each at the largest size that shows it.

    Parameters
    ----------
    scenario : Scenario
        What was measured.
    measurements, plans : polars.DataFrame
        As declared in :mod:`workbench.lab.frames`.

    Notes
    -----
    Kinds: ``filtered-walk`` (an ordered index is walked and nearly all of it is thrown away, no
    sequential scan in sight), ``filtered-scan`` (the same with one), ``ignored-index``,
    ``foreign-key-scan``, ``prepared-plan``, ``hit-versus-miss``, ``plan-change`` and
    ``cost-understates``.
    """
    found = [
        *_from_plans(scenario, plans),
        *_hit_versus_miss(scenario, measurements),
        *_plan_changes(scenario, plans),
        *_cost(scenario, measurements, plans),
    ]
    largest: dict[tuple[str, str], Pitfall] = {}
    for pitfall in found:
        key = (pitfall.kind, pitfall.variant)
        if key not in largest or largest[key].rows < pitfall.rows:
            largest[key] = pitfall
    return tuple(sorted(largest.values(), key=lambda p: (p.kind, p.variant)))


def _from_plans(scenario: Scenario, plans: pl.DataFrame) -> Iterator[Pitfall]:
    for row in plans.filter(pl.col("profile") == scenario.main_profile).iter_rows(named=True):
        where = {"variant": row["variant"], "rows": row["rows"]}
        signature, removed, returned = row["plan_signature"], row["removed"], row["returned"]
        if removed is not None and removed >= max(MANY_REMOVED, MANY_REMOVED * (returned or 0)):
            sequential = "Seq Scan" in signature
            text = f"{removed:,} rows were read and thrown away to return {returned:,}: {signature}"
            hoped = row["hoped_share"]
            if hoped is not None and hoped < EARLY:
                text += f"; the planner hoped to stop after {hoped:.1%} of the walk"
            yield Pitfall(
                kind="filtered-scan" if sequential else "filtered-walk", text=text, **where
            )
        if row["variant"] != NONE and not row["uses_index"] and _shows_all(row):
            text = f"the index {row['variant']} is there and the planner takes {signature}"
            yield Pitfall(kind="ignored-index", text=text, **where)
        if _triggers(row):
            text = f"{row['trigger_ms']:.1f} ms in the keys' triggers, which no plan shows"
            yield Pitfall(kind="foreign-key-scan", text=text, **where)
        generic = row["generic_signature"]
        if generic is not None and generic != signature.split(" + trigger ")[0]:
            text = f"prepared statements end up with {generic}, not {signature}"
            yield Pitfall(kind="prepared-plan", text=text, **where)


def _shows_all(row: dict[str, object]) -> bool:
    """Whether the plan would show the index: what the trigger of a key reads, it does not."""
    return "trigger" not in str(row["plan_signature"])


def _triggers(row: dict[str, object]) -> bool:
    """Whether looking for children in triggers costs more than an index would let it."""
    milliseconds = row["trigger_ms"]
    return isinstance(milliseconds, float) and milliseconds > LONG_TRIGGER_MS


def _medians(measurements: pl.DataFrame) -> pl.DataFrame:
    return measurements.group_by("rows", "variant", "profile").agg(
        pl.col("client_ms").median(), pl.col("server_ms").median()
    )


def _hit_versus_miss(scenario: Scenario, measurements: pl.DataFrame) -> Iterator[Pitfall]:
    medians = _medians(measurements)
    main = medians.filter(pl.col("profile") == scenario.main_profile)
    others = medians.filter(pl.col("profile") != scenario.main_profile)
    both = main.join(others, on=["rows", "variant"], suffix="_other")
    for row in both.sort("rows", "variant", "profile_other").iter_rows(named=True):
        one, other = row["client_ms"], row["client_ms_other"]
        if max(one, other) > TENFOLD * min(one, other):
            text = f"{row['profile']} {one:.3g} ms, {row['profile_other']} {other:.3g} ms"
            yield Pitfall(
                kind="hit-versus-miss", variant=row["variant"], rows=row["rows"], text=text
            )


def _plan_changes(scenario: Scenario, plans: pl.DataFrame) -> Iterator[Pitfall]:
    main = plans.filter(pl.col("profile") == scenario.main_profile).sort("variant", "rows")
    for variant in main["variant"].unique(maintain_order=True):
        rows = main.filter(pl.col("variant") == variant).rows(named=True)
        for before, after in pairwise(rows):
            if before["plan_signature"] != after["plan_signature"]:
                text = f"from {before['plan_signature']} to {after['plan_signature']}"
                text += f" between {before['rows']:,} and {after['rows']:,} rows"
                yield Pitfall(kind="plan-change", variant=variant, rows=after["rows"], text=text)


def _cost(scenario: Scenario, measurements: pl.DataFrame, plans: pl.DataFrame) -> Iterator[Pitfall]:
    """Where the planner's cost says far less of an index's worth than the clock does."""
    here = pl.col("profile") == scenario.main_profile
    told = plans.filter(here).select("rows", "variant", "cost")
    both = _medians(measurements).filter(here).join(told, on=["rows", "variant"])
    none = both.filter(pl.col("variant") == NONE)
    best = both.filter(pl.col("variant") == scenario.best)
    for row in none.join(best, on="rows", suffix="_best").sort("rows").iter_rows(named=True):
        if None in (row["server_ms"], row["server_ms_best"], row["cost"]):
            continue
        costs, times = row["cost"] / row["cost_best"], row["server_ms"] / row["server_ms_best"]
        if times > TENFOLD * costs:
            text = (
                f"by cost {row['variant_best']} is worth {costs:,.0f}x, by the clock {times:,.0f}x"
            )
            yield Pitfall(kind="cost-understates", variant=NONE, rows=row["rows"], text=text)

"""Which factors had to fail together, and what remains of a loop once one is repaired."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from workbench.analysis.scale.defaults import default
from workbench.analysis.scale.loop import LoopModel
from workbench.domain.tables import table
from workbench.errors import WorkbenchError

MOST_FACTORS = 12
INCIDENT: Mapping[str, Mapping[str, Any]] = {
    "guard removed": {"guard": False},
    "context leaks": {"leak": True},
    "index missing": {"per_query_seconds": default("per_query_seconds")},
}
"""The three contributing factors of the February 2026 incident, as changes of a sound loop."""
CASES = table(
    "ablation_cases",
    {
        "failed": (pl.List(pl.String), "factors that failed, in the order given"),
        "seconds": (pl.Float64, "loop where just these failed"),
        "over": (pl.Boolean, "it takes longer than the limit"),
    },
)
SHARES = table(
    "ablation_shares",
    {
        "factor": (pl.String, "name of the factor"),
        "share_of_catastrophe": (
            pl.Float64,
            "Shapley share of being over the limit; 0 where not even all factors lead there",
        ),
        "added_seconds": (pl.Float64, "Shapley value: its part of the seconds that all add"),
        "necessary": (pl.Boolean, "without it the loop keeps the limit, whatever else failed"),
        "sufficient": (pl.Boolean, "alone it takes the loop over the limit"),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ablation:
    """Every combination of failed factors, and what each factor contributed."""

    limit_seconds: float
    cases: pl.DataFrame
    shares: pl.DataFrame
    smallest: tuple[tuple[str, ...], ...]
    """Smallest sets of factors that take the loop over the limit."""

    def says(self) -> str:
        """Which factors had to fail together, in a sentence."""
        if not self.smallest:
            return f"No combination of these factors takes the loop over {self.limit_seconds:g} s."
        sets = "; or ".join(" and ".join(each) for each in self.smallest)
        return f"Over {self.limit_seconds:g} s it takes: {sets}."


def sound_loop(model: LoopModel) -> LoopModel:
    """The loop as it would be with guard, without leak, with the index."""
    indexed = default("indexed_query_seconds")
    return model.changed(guard=True, leak=False, per_query_seconds=indexed)


def ablate(
    sound: LoopModel,
    factors: Mapping[str, Mapping[str, Any]] = INCIDENT,
    *,
    limit_seconds: float,
) -> Ablation:
    """Let every combination of factors fail, and divide the harm among them.

    Parameters
    ----------
    sound : LoopModel
        The loop in which nothing failed.
    factors : mapping
        Name of a factor -> the inputs that are otherwise when it fails.
    limit_seconds : float
        Seconds that a loop may take.

    Raises
    ------
    WorkbenchError
        There is no factor, or there are more than twelve.
    """
    names = tuple(factors)
    if not 0 < len(names) <= MOST_FACTORS:
        what = f"{len(names)} factors cannot be ablated."
        raise WorkbenchError(what, right=f"Give one to {MOST_FACTORS}; each doubles the work.")
    taken: dict[frozenset[str], float] = {}
    for size in range(len(names) + 1):
        for failed in itertools.combinations(names, size):
            changes = {k: v for name in failed for k, v in factors[name].items()}
            taken[frozenset(failed)] = sound.changed(**changes).seconds()
    over = {failed: float(seconds > limit_seconds) for failed, seconds in taken.items()}
    catastrophic = [failed for failed, is_over in over.items() if is_over]
    smallest = [s for s in catastrophic if not any(other < s for other in catastrophic)]
    shares: list[dict[str, object]] = [
        {
            "factor": name,
            "share_of_catastrophe": _shapley(name, names, over),
            "added_seconds": _shapley(name, names, taken),
            "necessary": bool(catastrophic) and all(name in failed for failed in catastrophic),
            "sufficient": bool(over[frozenset({name})]),
        }
        for name in names
    ]
    cases: list[dict[str, object]] = [
        {"failed": _ordered(failed, names), "seconds": seconds, "over": bool(over[failed])}
        for failed, seconds in taken.items()
    ]
    return Ablation(
        limit_seconds=limit_seconds,
        cases=CASES.frame(cases),
        shares=SHARES.frame(shares),
        smallest=tuple(tuple(_ordered(failed, names)) for failed in smallest),
    )


def _ordered(failed: frozenset[str], names: tuple[str, ...]) -> list[str]:
    return [name for name in names if name in failed]


def _shapley(name: str, names: tuple[str, ...], worth: Mapping[frozenset[str], float]) -> float:
    """What the factor adds, averaged over all orders in which the factors may fail."""
    others, n = [other for other in names if other != name], len(names)
    added = 0.0
    for size in range(n):
        weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
        for before in itertools.combinations(others, size):
            gain = worth[frozenset({*before, name})] - worth[frozenset(before)]
            added += weight * gain
    return added


REMAINS = table(
    "remains",
    {
        "part": (pl.String, "python, server or round trips"),
        "before_seconds": (pl.Float64, "its seconds in the loop before"),
        "after_seconds": (pl.Float64, "its seconds in the loop after"),
        "share_before": (pl.Float64, "its share of the loop before"),
        "share_after": (pl.Float64, "its share of the loop after: where the next repair pays"),
        "most_speedup": (
            pl.Float64,
            "how many times faster the loop before could get by this part alone; infinite where "
            "it is all of it (Amdahl's law)",
        ),
    },
)


def remains(before: LoopModel, after: LoopModel) -> pl.DataFrame:
    """Tell where a loop's time went before and after a repair, the largest remainder first."""
    was, now = before.parts(), after.parts()
    whole_was, whole_now = sum(was.values()), sum(now.values())
    rows: list[dict[str, object]] = [
        {
            "part": part,
            "before_seconds": float(was[part]),
            "after_seconds": float(now[part]),
            "share_before": was[part] / whole_was if whole_was else 0.0,
            "share_after": now[part] / whole_now if whole_now else 0.0,
            "most_speedup": whole_was / rest if (rest := whole_was - was[part]) else math.inf,
        }
        for part in was
    ]
    return REMAINS.frame(rows).sort("after_seconds", "part", descending=[True, False])

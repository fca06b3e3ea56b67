"""What the memory says of failures, as a JSON answer holds it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

    from workbench.analysis.failures.matching import Matches
    from workbench.bench.failure_memory import FailureDesk


def match_body(made: Matches, desk: FailureDesk, *, remembered: int) -> dict[str, object]:
    """Return the body of the answer of ``failures match``: neighbours stand in their failure."""
    listed = {key: list(rows) for key, rows in _listed(made.neighbours)}
    names = ("best", "threshold", "gate1", "gate2", "confidence", "decision", "why")
    matches = []
    for row in made.matches.iter_rows(named=True):
        given = row["suggested"] and {"done": row["suggested"], "from": row["suggested_from"]}
        more = {"held": row["held"], "known": row["known"], "others": row["others"]}
        matches.append(
            {
                "failure_id": row["failure_id"],
                "neighbours": listed.get(row["failure_id"], []),
                **{name: row[name] for name in names},
                "suggestion": given and {**given, **more},
            }
        )
    return {
        "remembered": remembered,
        "similarity_gate": made.gates.similarity,
        "confidence_gate": made.gates.confidence,
        "calibrated": made.gates.calibrated,
        "scorer": desk.scorer,
        "note": desk.note,
        "matches": matches,
    }


def _listed(neighbours: pl.DataFrame) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """Yield each failure with its neighbours, best first."""
    for failure_id, rows in groupby(
        neighbours.iter_rows(named=True), key=lambda row: str(row["failure_id"])
    ):
        yield failure_id, (_neighbour(row) for row in rows)


def _neighbour(row: dict[str, Any]) -> dict[str, Any]:
    names = ("similarity", "cosine", "lexical", "reasons", "alike")
    said = ("verdict", "done", "held", "who", "when_utc")
    return {
        "failure_id": row["neighbour_id"],
        **{name: row[name] for name in names},
        "resolution": {name: row[name] for name in said} if row["done"] else None,
    }

"""One finding for one cause: of several patterns that hit the same symbols the worst one stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from workbench.analysis.history.verify_verdicts import RANKS
from workbench.domain.findings import FINDINGS, Outcome
from workbench.domain.history import Severity

Row = Mapping[str, Any]


def fold(findings: pl.DataFrame) -> pl.DataFrame:
    """Fold findings into another one of the same commit and downstream that tells as much.

    A finding is folded when the names it is reached by are a subset of the other's, or hang on
    them; so a rename that three patterns see is read once. The other names it in ``also``. What
    concerns everyone is folded by what it stands in.

    Parameters
    ----------
    findings : polars.DataFrame
        Verified ones: of two equals the one that is shown, and hurts more, stays.
    """
    kept: dict[tuple[str, str | None, str], list[dict[str, Any]]] = {}
    for row in sorted(findings.to_dicts(), key=_order):
        group = kept.setdefault((row["sha"], row["downstream"], row["kind"]), [])
        host = next((other for other in group if _within(row, other)), None)
        if host is None:
            group.append({**row, "also": list(row["also"])})
        else:
            host["also"] = sorted({*host["also"], *row["also"], row["pattern"]} - {host["pattern"]})
    rows = [row for group in kept.values() for row in group]
    order = pl.col("downstream").fill_null("")
    made = pl.DataFrame(rows, schema=FINDINGS.schema, orient="row")
    return FINDINGS.check(made.sort("sha", "path", "line", "pattern", order))


def _order(row: Row) -> tuple[object, ...]:
    """The one that tells most first."""
    outcome = Outcome(row["outcome"]) if row["outcome"] else Outcome.NOT_VERIFIED
    return (
        RANKS[outcome],
        -Severity(row["severity"]).rank,
        -len(row["names"]),
        row["pattern"],
        row["sha"],
        row["downstream"] or "",
    )


def _within(row: Row, other: Row) -> bool:
    theirs = {*other["names"], other["qualname"]} if row["downstream"] is None else other["names"]
    return all(
        any(name == own or name.startswith(f"{own}.") for own in theirs) for name in row["names"]
    )

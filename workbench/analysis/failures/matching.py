"""Failures against the memory: neighbours with reasons, two gates, a suggestion, a decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from workbench.analysis.failures.gates import Gates, decision, through_gates
from workbench.analysis.failures.memory import LOOKED_AT, SHOWN, Memory, near, neighbours
from workbench.analysis.failures.outcomes import evidence
from workbench.analysis.failures.replies import Ask, asked, prompt
from workbench.domain.failure_memory import Decision

MODEL = {"said": pl.String, "explained": pl.String, "sure": pl.Float64, "fault": pl.String}


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """What the memory says of some failures.

    ``matches`` has a row a failure: ``failure_id, best, threshold, gate1, gate2, confidence,
    decision, suggested, suggested_from, held, known, others, why``; ``neighbours`` what
    :func:`~workbench.analysis.failures.memory.neighbours` answers; ``gates`` where they opened.
    """

    matches: pl.DataFrame
    neighbours: pl.DataFrame
    gates: Gates


def match(
    incoming: pl.DataFrame,
    memory: Memory,
    *,
    gates: Gates | None = None,
    k: int = SHOWN,
    ask: Ask | None = None,
) -> Matches:
    """Ask the memory about failures. Nothing is done about them, whatever it says.

    Parameters
    ----------
    incoming : polars.DataFrame
        ``failure_id, digest_id, digest, exception``, and ``text`` when a model is asked.
    memory : Memory
        What is remembered.
    gates : Gates, optional
        Where the gates open; the uncalibrated defaults unless given.
    k : int
        How many neighbours to show.
    ask : callable, optional
        A language model: its confidence stands in for the share that held. It is asked only about
        failures that pass the first gate.
    """
    chosen = gates or Gates()
    found = near(incoming, memory, k=max(k, LOOKED_AT))
    shown = neighbours(found, memory, k=k)
    seen = evidence(found, memory, least=chosen.thresholds(incoming))
    passed = through_gates(seen, confidence=chosen.confidence)
    if ask is None:
        told = passed.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in MODEL.items())
    else:
        told = _ask_model(passed, incoming, shown, ask=ask, confidence=chosen.confidence)
    known = told.with_columns(why=_why(memory, chosen)).drop(list(MODEL))
    return Matches(matches=known, neighbours=shown, gates=chosen)


def _ask_model(
    passed: pl.DataFrame,
    incoming: pl.DataFrame,
    shown: pl.DataFrame,
    *,
    ask: Ask,
    confidence: float,
) -> pl.DataFrame:
    """Ask about each digest that passes the first gate; the reply takes the second one's place."""
    columns = [name for name in ("failure_id", "digest_id", "digest", "text") if name in incoming]
    open_ = (
        passed.filter("gate1")
        .select("failure_id")
        .join(incoming.select(columns), on="failure_id", maintain_order="left")
    )
    said: list[dict[str, Any]] = []
    replies: dict[str, dict[str, Any]] = {}
    for row in open_.iter_rows(named=True):
        # the same digest, the same neighbours: one question is enough
        if row["digest_id"] not in replies:
            like = shown.filter(pl.col("failure_id") == row["failure_id"]).to_dicts()
            replies[row["digest_id"]] = _answer(ask, prompt(row, like))
        said.append({"failure_id": row["failure_id"], **replies[row["digest_id"]]})
    answers = pl.DataFrame(said, schema={"failure_id": pl.String, **MODEL}, orient="row")
    sure = (pl.col("sure") >= confidence).fill_null(value=False)
    return (
        passed.join(answers, on="failure_id", how="left", maintain_order="left")
        .with_columns(
            gate2=pl.when("gate1").then(sure),
            confidence=pl.col("sure"),
            suggested=pl.coalesce("said", "suggested"),
            suggested_from=pl.when(pl.col("said").is_null()).then("suggested_from"),
        )
        .with_columns(decision=decision())
    )


def _answer(ask: Ask, question: str) -> dict[str, Any]:
    reply = asked(ask, question)
    if isinstance(reply, str):
        return {"said": None, "explained": None, "sure": None, "fault": reply}
    return {
        "said": reply.fix,
        "explained": reply.explanation,
        "sure": reply.confidence,
        "fault": None,
    }


def _why(memory: Memory, gates: Gates) -> pl.Expr:
    """Say in a sentence why a failure goes where it goes."""
    best = pl.col("best").round(3).cast(pl.String)
    at = pl.col("threshold").round(3).cast(pl.String)
    kind = pl.when(pl.lit(gates.calibrated)).then(pl.lit("")).otherwise(pl.lit(" (uncalibrated)"))
    counted = pl.format("{} of {} times that is known", "held", "known")
    bound = pl.col("confidence").round(3).cast(pl.String)
    needed = pl.lit(f"{gates.confidence:g}")
    nothing = "nothing is remembered" if memory.members.is_empty() else "nothing was resolved yet"
    model = pl.format("the model is sure to {}, {} is asked for: {}", bound, needed, "explained")
    below = pl.format(
        "novel: the nearest failure is {} alike, the first gate opens at {}{}", best, at, kind
    )
    share = pl.format(
        "the fix held {}, at least {} of all; {} is asked for", counted, bound, needed
    )
    return (
        pl.when(pl.col("best").is_null())
        .then(pl.lit(f"novel: {nothing}"))
        .when(~pl.col("gate1"))
        .then(below)
        .when(pl.col("fault").is_not_null())
        .then("fault")
        .when(pl.col("said").is_not_null())
        .then(model)
        .when(pl.col("suggested").is_null())
        .then(pl.lit("known, but nobody has said what ends it"))
        .when(pl.col("known") == 0)
        .then(pl.lit("known, but nobody has said whether the fix held"))
        .otherwise(share)
    )


def novel(matches: pl.DataFrame) -> pl.DataFrame:
    """Return the failures that no memory knows: those that do not pass the first gate."""
    return matches.filter(~pl.col("gate1"))


def automatic_share(matches: pl.DataFrame) -> float:
    """Return the share that is proposed as automatic; 0 of no failures."""
    if matches.is_empty():
        return 0.0
    return matches.filter(pl.col("decision") == Decision.AUTOMATIC).height / matches.height

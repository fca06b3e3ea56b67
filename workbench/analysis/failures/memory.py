"""The memory: what was done about failures like this one, nearest first, and how often it held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import polars as pl

from workbench.domain.failure_memory import SIMILAR, Verdict

SHOWN = 5
LEAST_SHOWN = 3
"""A list of neighbours is never shorter where the memory holds that many failures."""
LOOKED_AT = 25
"""Digests that a question is compared with closely: those beyond are no evidence."""
REMEMBERS = tuple(v.value for v in Verdict if v.remembers)


class Similar(Protocol):
    """Whatever finds the digests of the memory that are most like some others."""

    def top(self, queries: pl.DataFrame, k: int) -> pl.DataFrame:
        """Return up to ``k`` rows a query, as SIMILAR declares, best first.

        Parameters
        ----------
        queries : polars.DataFrame
            ``digest_id, digest, exception``, each digest once.
        k : int
            How many a query.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered.

    ``members`` are the remembered failures (``failure_id, digest_id``); ``told`` is what people say
    of any failure with a digest of theirs, rejections included: ``failure_id, digest_id, verdict,
    done, held, who, when_utc``. ``resolved`` is false while nobody has resolved anything: then
    every failure is remembered, and none has a fix.
    """

    members: pl.DataFrame
    told: pl.DataFrame
    similar: Similar
    resolved: bool


def remembered(failures: pl.DataFrame, resolutions: pl.DataFrame) -> pl.DataFrame:
    """Return the failures that a memory holds: the resolved ones, or all while none is.

    Parameters
    ----------
    failures : polars.DataFrame
        Anything with a ``failure_id``.
    resolutions : polars.DataFrame
        As RESOLUTIONS declares.
    """
    resolved = resolutions.filter(pl.col("verdict").is_in(REMEMBERS)).select("failure_id")
    kept = failures.join(resolved, on="failure_id", how="semi")
    return kept if kept.height else failures


def memory_of(digests: pl.DataFrame, resolutions: pl.DataFrame, *, similar: Similar) -> Memory:
    """Make the memory of some failures.

    Parameters
    ----------
    digests : polars.DataFrame
        ``failure_id, digest_id`` of the failures that are loaded.
    resolutions : polars.DataFrame
        As RESOLUTIONS declares.
    similar : Similar
        Built from the digests of :func:`remembered`.
    """
    members = remembered(digests, resolutions).select("failure_id", "digest_id")
    told = digests.select("failure_id", "digest_id").join(resolutions, on="failure_id")
    resolved = told["verdict"].is_in(REMEMBERS).any()
    # A rejection is a word about what was suggested: it did not hold there.
    wrong = pl.col("verdict") == Verdict.REJECTED
    told = told.with_columns(
        done=pl.when(wrong).then(pl.col("suggested")).otherwise(pl.col("done")),
        held=pl.when(wrong).then(pl.lit(False)).otherwise(pl.col("held")),
    ).select("failure_id", "digest_id", "verdict", "done", "held", "who", "when_utc")
    return Memory(members=members, told=told, similar=similar, resolved=bool(resolved))


def near(incoming: pl.DataFrame, memory: Memory, *, k: int = LOOKED_AT) -> pl.DataFrame:
    """Return what the memory holds that is most like some failures, digest by digest.

    Parameters
    ----------
    incoming : polars.DataFrame
        ``failure_id, digest_id, digest, exception``.
    memory : Memory
        What is remembered.
    k : int
        How many digests of the memory for each of the incoming ones.

    Returns
    -------
    polars.DataFrame
        ``failure_id`` and the columns of SIMILAR but ``query_id``.
    """
    asked = incoming.unique("digest_id", keep="first", maintain_order=True)
    if asked.is_empty() or memory.members.is_empty():
        return SIMILAR.empty().rename({"query_id": "failure_id"})
    found = SIMILAR.check(memory.similar.top(asked, k).select(list(SIMILAR.columns)))
    # what nobody but the failure itself stands for is no likeness
    alone = memory.members.filter(pl.len().over("digest_id") == 1)
    return (
        incoming.select("failure_id", query_id="digest_id")
        .join(found, on="query_id", maintain_order="left_right")
        .drop("query_id")
        .join(alone, on=["failure_id", "digest_id"], how="anti", maintain_order="left")
    )


def neighbours(found: pl.DataFrame, memory: Memory, *, k: int = SHOWN) -> pl.DataFrame:
    """Return the remembered failures to show beside each one, best first.

    Of failures with the same digest the one that is best resolved stands for all; more of them
    fill a list that would be too short.

    Parameters
    ----------
    found : polars.DataFrame
        What :func:`near` answers.
    memory : Memory
        What is remembered.
    k : int
        How many a failure.

    Returns
    -------
    polars.DataFrame
        ``failure_id, rank, neighbour_id, digest_id, similarity, cosine, lexical, reasons, alike``
        (how many remembered failures have that digest) and ``done, held, verdict, who, when_utc``.
    """
    kept = memory.told.filter(pl.col("verdict").is_in(REMEMBERS)).drop("digest_id")
    rest = [name for name in kept.columns if name != "failure_id"]
    # Nothing but the log's content and people's words may order them.
    best = (pl.col("held").fill_null(value=False), pl.col("held").is_null(), "when_utc")
    members = (
        memory.members.join(kept, on="failure_id", how="left")
        .sort(*best, "failure_id", descending=[True, True, True, False], nulls_last=True)
        .with_columns(
            alike=pl.len().over("digest_id"), place=pl.int_range(pl.len()).over("digest_id")
        )
        # one more than is shown: the failure itself may be among them
        .filter(pl.col("place") <= max(k, LEAST_SHOWN))
        .rename({"failure_id": "neighbour_id"})
    )
    rows = (
        found.join(members, on="digest_id", maintain_order="left_right")
        # a failure that is remembered is not its own neighbour
        .filter(pl.col("neighbour_id") != pl.col("failure_id"))
        .with_columns(
            first=pl.int_range(pl.len()).over("failure_id", "digest_id") == 0,
        )
    )
    order = ["failure_id", "similarity", "digest_id", "place"]
    down = [False, True, False, False]
    firsts = (
        rows.filter("first")
        .sort(order, descending=down)
        .group_by("failure_id", maintain_order=True)
        .head(k)
    )
    short = firsts.group_by("failure_id").agg(shown=pl.len())
    more = (
        rows.filter(~pl.col("first"))
        .join(short, on="failure_id")
        .sort(order, descending=down)
        .filter(
            pl.int_range(pl.len()).over("failure_id")
            < pl.lit(min(LEAST_SHOWN, k)) - pl.col("shown").cast(pl.Int64)
        )
        .drop("shown")
    )
    return (
        pl.concat([firsts, more])
        .sort(order, descending=down)
        .with_columns(rank=pl.int_range(1, pl.len() + 1).over("failure_id"))
        .select(
            "failure_id", "rank", "neighbour_id", "digest_id", "similarity", "cosine", "lexical",
            "reasons", "alike", *rest,
        )
    )  # fmt: skip

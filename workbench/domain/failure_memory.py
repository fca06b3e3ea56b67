"""Words of the memory of failures: what a person can say, what a match decides, their frames."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from workbench.domain.frames import TEXT, TEXTS, UTC
from workbench.domain.tables import table

DEFAULT_SIMILARITY = 0.82
"""Where the first gate opens unless labels say better: the uncalibrated default."""
DEFAULT_CONFIDENCE = 0.5
"""Where the second gate opens: four of four remembered fixes that held reach it, three do not."""


class Verdict(StrEnum):
    """What a person says of a failure."""

    RESOLVED = "resolved"
    """Somebody ended it, without a suggestion or whatever it said."""
    APPROVED = "approved"
    """What was suggested is right, word for word."""
    EDITED = "edited"
    """Something else was right, close to what was suggested."""
    REJECTED = "rejected"
    """What was suggested is wrong here."""
    NOVEL = "novel"
    """Nothing that is remembered is of this kind."""

    @property
    def remembers(self) -> bool:
        """Whether it says what was done, so that it may be suggested again."""
        return self in (Verdict.RESOLVED, Verdict.APPROVED, Verdict.EDITED)


class Decision(StrEnum):
    """Where a matched failure goes; the workbench itself acts on neither."""

    AUTOMATIC = "proposed as automatic"
    """Both gates passed: what is remembered may be done without asking."""
    PERSON = "a person"
    """Anything else, the suggestion filled in when there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What was done about a failure like this one, and after which one."""

    done: str
    failure_id: str


RESOLUTIONS = table(
    "resolutions",
    {
        "failure_id": (TEXT, "the failure that it is about"),
        "content": (TEXT, "digest of the failure's text when it was judged"),
        "verdict": (TEXT, "resolved, approved, edited, rejected, novel: the last one that stands"),
        "done": (TEXT, "what was done; null for rejected and novel"),
        "held": (pl.Boolean, "whether it held; null while nobody knows"),
        "who": (TEXT, "who said so"),
        "when_utc": (UTC, "when it was said"),
        "why": (TEXT, "the reason that was given"),
        "suggested": (TEXT, "what had been suggested; null when nothing was"),
        "suggested_from": (TEXT, "the failure that the suggestion was remembered from"),
        "similarity": (pl.Float64, "how alike the two were said to be; null without a suggestion"),
        "confidence": (pl.Float64, "confidence in the suggestion, if one was computed"),
        "scorer": (TEXT, "what said so: a similarity means nothing under another scorer"),
    },
    key=("failure_id",),
)
PAIRS = table(
    "failure_pairs",
    {
        "failure_id": (TEXT, "a failure; the lesser id of the two"),
        "other_id": (TEXT, "the other one"),
        "must_link": (pl.Boolean, "true: people merged them; false: people split them"),
    },
    key=("failure_id", "other_id"),
)
SIMILAR = table(
    "similar",
    {
        "query_id": (TEXT, "digest that is asked about"),
        "digest_id": (TEXT, "digest of the memory"),
        "similarity": (pl.Float64, "0 to 1, on the scale that the default gate is meant on"),
        "cosine": (pl.Float64, "cosine of the vectors; null without a model"),
        "lexical": (pl.Float64, "overlap of words, 0 to 1"),
        "reasons": (TEXTS, "why, in words"),
    },
    key=("query_id", "digest_id"),
)

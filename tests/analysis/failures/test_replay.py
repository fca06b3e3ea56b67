"""The replay answers as a plain one does that asks for everything, and asks for much less."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.failures.alike import WordsInCommon
from workbench.analysis.failures.gates import LEVEL, Gates
from workbench.analysis.failures.replay import STEPS, replayed
from workbench.analysis.intervals import at_least

START = datetime(2026, 1, 1, tzinfo=UTC)
UTC_TIME = pl.Datetime("us", "UTC")
WORDS = {
    "failure_id": pl.String,
    "digest_id": pl.String,
    "fix": pl.String,
    "held": pl.Boolean,
    "remembers": pl.Boolean,
    "when_utc": UTC_TIME,
}
TEXTS = ("disk full", "disk full here", "disk is full", "no route", "no route here", "token gone")


def minutes(number: float) -> datetime:
    return START + timedelta(minutes=number)


def logged(kinds: Sequence[int]) -> pl.DataFrame:
    """A failure a minute; kinds of text go round, so that texts of one digest are the same."""
    rows = [
        {"failure_id": f"f{n:03}", "at_utc": minutes(n), "digest_id": f"d{kind}",
         "digest": f"{TEXTS[kind % len(TEXTS)]} {'x' * (kind // len(TEXTS))}".strip(),
         "exception": "AB"[kind % 2]}
        for n, kind in enumerate(kinds)
    ]  # fmt: skip
    schema = {"failure_id": pl.String, "at_utc": UTC_TIME, "digest_id": pl.String,
              "digest": pl.String, "exception": pl.String}  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def plain(
    ordered: pl.DataFrame, words: pl.DataFrame, similar: WordsInCommon, gates: Gates, *, most: int
) -> pl.DataFrame:
    """Every digest is asked for as many as can be looked at, and every failure looks at all."""
    near: dict[str, list[tuple[str, float]]] = {}
    for query, digest, share in (
        similar.top(ordered.unique("digest_id", maintain_order=True), most)
        .select("query_id", "digest_id", "similarity")
        .iter_rows()
    ):
        near.setdefault(query, []).append((digest, share))
    ends = dict(words.filter("remembers").select("failure_id", "fix").iter_rows())
    opens = dict(gates.thresholds(ordered).iter_rows())
    pending = list(words.drop("failure_id").iter_rows())
    past: dict[str, dict[str, list[int]]] = {}
    steps: list[dict[str, Any]] = []
    rows = ordered.select("failure_id", "at_utc", "digest_id", "exception").iter_rows()
    for number, (failure, at, digest, exception) in enumerate(rows, start=1):
        while pending and pending[0][-1] < at:
            where, fix, held, remembers, _ = pending.pop(0)
            known = past.setdefault(where, {})
            if remembers:
                known[fix] = known.pop(fix, [0, 0])
            if fix in known and held is not None:
                known[fix][0] += held
                known[fix][1] += 1
        seen = [(share, past[other]) for other, share in near[digest] if past.get(other)]
        best, told, bound = None, None, 0.0
        if seen:
            best, nearest = seen[0]
            told = max(nearest, key=lambda f: (nearest[f][0] > 0, list(nearest).index(f)))
            close = [f[told] for share, f in seen if share >= opens[failure] and told in f]
            bound = at_least(sum(c[0] for c in close), sum(c[1] for c in close), level=LEVEL)
        gate1 = best is not None and best >= opens[failure]
        gate2 = (bound >= gates.confidence and bound > 0) if gate1 else None
        end = ends.get(failure)
        steps.append(
            {"logged": number, "failure_id": failure, "at_utc": at, "error_class": exception,
             "best": best, "gate1": gate1, "gate2": gate2, "automatic": bool(gate1 and gate2),
             "right": None if told is None or end is None else told == end}
        )  # fmt: skip
    return pl.DataFrame(steps, schema=STEPS)


@st.composite
def histories(draw: st.DrawFn) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Failures of some kinds, and what people said of some of them, when they came to it."""
    kinds = draw(st.lists(st.integers(0, 11), min_size=1, max_size=25))
    ordered = logged(kinds)
    said = draw(
        st.lists(
            st.tuples(
                st.integers(0, len(kinds) - 1),
                st.sampled_from(["mend", "wait", "ask"]),
                st.sampled_from([True, False, None]),
                st.booleans(),
                st.sampled_from([0, 0.5, 3, 11]),
            ),
            max_size=30,
        )
    )
    rows = [
        (f"f{n:03}", f"d{kinds[n]}", fix, held, remembers, minutes(n + later))
        for n, fix, held, remembers, later in said
    ]
    words = pl.DataFrame(rows, schema=WORDS, orient="row")
    return ordered, words.sort("when_utc", "failure_id", maintain_order=True)


@given(
    histories(),
    st.integers(1, 4),
    st.integers(4, 12),
    st.sampled_from([0.0, 0.3, 0.6, 1.0]),
    st.sampled_from([0.0, 0.2, 0.4]),
)
@settings(max_examples=150)
def test_it_answers_as_the_plain_replay(
    history: tuple[pl.DataFrame, pl.DataFrame], few: int, most: int, opens: float, sure: float
) -> None:
    """Whatever was said and when, wherever the gates stand, however few are looked at first."""
    ordered, words = history
    gates = Gates(similarity=opens, confidence=sure, classes={"B": 0.5})
    similar = WordsInCommon(ordered)
    got = replayed(ordered, words, similar, gates, few=few, most=most)
    assert got.equals(plain(ordered, words, similar, gates, most=most))


def test_one_digest_is_asked_for_once() -> None:
    """Hundreds of equal failures are one question; where nobody has spoken there is none."""
    ordered = logged([0, 3] * 150)
    silent, similar = pl.DataFrame(schema=WORDS), WordsInCommon(ordered)
    assert replayed(ordered, silent, similar, Gates()).height == 300
    assert similar.asked == 0
    words = pl.DataFrame([("f000", "d0", "mend", True, True, minutes(0))], WORDS, orient="row")
    got = replayed(ordered, words, similar, Gates())
    assert similar.asked == 2
    assert got["gate1"].to_list()[:4] == [False, False, True, False]


def test_more_are_looked_at_where_nobody_spoke_of_the_nearest() -> None:
    """The likest is unknown, the next one is not: it is found, and only for whom it matters."""
    ordered = logged([2, 0, 1])
    words = pl.DataFrame([("f000", "d2", "mend", True, True, minutes(0))], WORDS, orient="row")
    similar = WordsInCommon(ordered)
    got = replayed(ordered, words, similar, Gates(), few=1, most=3)
    assert got["best"].to_list()[0] is None
    assert got["best"].to_list()[1:] == [2 / 3, 2 / 4]
    assert similar.asked == 2 + 2


def test_all_that_is_close_is_evidence() -> None:
    """The nearest alone is not enough to be sure; with the next one, which held too, it is."""
    ordered = logged([0, 1, 1, 1, 0])
    rows = [(f"f{n:03}", f"d{kind}", "mend", True, True, minutes(n))
            for n, kind in enumerate([0, 1, 1, 1])]  # fmt: skip
    words, gates = pl.DataFrame(rows, WORDS, orient="row"), Gates(similarity=0.6)
    got = replayed(ordered, words, WordsInCommon(ordered), gates, few=1, most=2)
    assert got["automatic"].to_list() == [False] * 4 + [True]
    alone = replayed(ordered, words, WordsInCommon(ordered), gates, few=1, most=1)
    assert not alone["automatic"].any()


def test_digests_of_no_failure_are_passed_over() -> None:
    """What is compared may hold more than the history does: nobody speaks of it."""
    ordered = logged([0, 0])
    more = WordsInCommon(pl.concat([logged([1, 2]), ordered]))
    words = pl.DataFrame([("f000", "d0", "mend", True, True, minutes(0))], WORDS, orient="row")
    assert replayed(ordered, words, more, Gates())["best"].to_list() == [None, 1.0]

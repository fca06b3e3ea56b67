"""The memory: nearest first, two gates, and a person whenever anything is amiss."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.failures.alike import WordsInCommon
from workbench.analysis.failures.gates import Gates
from workbench.analysis.failures.matching import Matches, automatic_share, match, novel
from workbench.analysis.failures.memory import Memory, memory_of, remembered
from workbench.analysis.failures.replies import asked, prompt, read_reply
from workbench.domain.failure_memory import RESOLUTIONS, Decision
from workbench.errors import WorkbenchError

NOW = datetime(2026, 2, 1, tzinfo=UTC)
FULL = "DiskFull no room left on the volume"
DEAD = "DeadlockDetected two sessions wait for each other"
NEW = "CertificateEnded nobody trusts it any more"


def digests(**failures: str) -> pl.DataFrame:
    """Failures by id, each with its digest's text."""
    rows = [
        {"failure_id": k, "digest_id": text[:6] + str(len(text)), "digest": text,
         "exception": text.split()[0], "text": f"log of {text}"}
        for k, text in failures.items()
    ]  # fmt: skip
    return pl.DataFrame(rows)


def said(*rows: tuple[str, str, str | None, bool | None]) -> pl.DataFrame:
    """Verdicts: failure, verdict, what was done (or suggested, when rejected), did it hold."""
    made: list[dict[str, Any]] = []
    for number, (failure, verdict, fix, held) in enumerate(rows):
        done = "suggested" if verdict == "rejected" else "done"
        made.append(
            {"failure_id": failure, "verdict": verdict, done: fix, "held": held, "who": "kim",
             "when_utc": NOW + timedelta(hours=number)}
        )  # fmt: skip
    return RESOLUTIONS.frame(made)


def memory(loaded: pl.DataFrame, words: pl.DataFrame) -> Memory:
    return memory_of(loaded, words, similar=WordsInCommon(remembered(loaded, words)))


def times(count: int, held: int, *, text: str = FULL, fix: str = "freed the disk") -> Memory:
    """A memory of one fault, resolved so often, of which so many times it held."""
    loaded = digests(**{f"m{n}": text for n in range(count)})
    return memory(loaded, said(*((f"m{n}", "resolved", fix, n < held) for n in range(count))))


def row(answer: Matches) -> dict[str, Any]:
    (only,) = answer.matches.to_dicts()
    return only


@pytest.mark.parametrize(
    ("text", "held", "gate1", "gate2", "decision"),
    [
        (FULL, 6, True, True, Decision.AUTOMATIC),
        (FULL, 2, True, False, Decision.PERSON),
        (NEW, 6, False, None, Decision.PERSON),
        (NEW, 2, False, None, Decision.PERSON),
    ],
    ids=["both pass", "only the first", "only the second would", "neither"],
)
def test_only_both_gates_together_open_the_way(
    text: str, held: int, gate1: bool, gate2: bool | None, decision: str
) -> None:
    """The truth table: one cell of four is proposed as automatic; below gate 1 nothing is asked."""
    got = row(match(digests(new=text), times(6, held)))
    assert (got["gate1"], got["gate2"], got["decision"]) == (gate1, gate2, decision)
    assert got["suggested"] == "freed the disk"


@pytest.mark.parametrize(
    ("count", "held", "passes"),
    [(1, 1, False), (3, 3, False), (4, 4, True), (9, 7, True), (9, 5, False)],
)
def test_confidence_is_what_one_may_be_sure_of(count: int, held: int, passes: bool) -> None:
    """A share of few cases is worth little: three of three do not pass, four of four do."""
    got = row(match(digests(new=FULL), times(count, held)))
    assert got["gate2"] is passes
    assert 0 <= got["confidence"] <= held / count
    assert got["known"] == count


def test_what_nobody_resolved_is_known_and_goes_to_a_person() -> None:
    """While nothing is resolved everything loaded is remembered, and no fix is suggested."""
    loaded = digests(a=FULL, b=DEAD)
    answer = match(digests(new=FULL), memory(loaded, RESOLUTIONS.empty()))
    got = row(answer)
    assert (got["gate1"], got["gate2"], got["suggested"]) == (True, False, None)
    assert answer.neighbours["neighbour_id"].to_list() == ["a", "b"]
    assert "nobody has said what ends it" in got["why"]


def test_once_one_is_resolved_only_resolved_ones_are_remembered() -> None:
    """Also a failure whose text is closer, but which nobody ended, is no neighbour then."""
    loaded = digests(a=FULL, b=DEAD)
    words = said(("b", "resolved", "took locks in order", True))
    answer = match(digests(new=FULL), memory(loaded, words))
    assert answer.neighbours["neighbour_id"].to_list() == ["b"]
    assert novel(answer.matches).height == 1


def test_an_empty_memory_says_so() -> None:
    """Nothing loaded: every failure is novel, with a reason."""
    empty = memory(digests(a=FULL).clear(), RESOLUTIONS.empty())
    got = row(match(digests(new=FULL), empty))
    assert (got["gate1"], got["gate2"]) == (False, None)
    assert got["why"] == "novel: nothing is remembered"


def test_three_neighbours_are_shown_where_the_memory_holds_three() -> None:
    """One a digest first; failures of the same digest fill a list that would be short."""
    loaded = digests(a=FULL, b=FULL, c=FULL, d=FULL)
    shown = match(digests(new=FULL), memory(loaded, RESOLUTIONS.empty())).neighbours
    assert shown.height == 3
    assert shown["alike"].to_list() == [4, 4, 4]
    mixed = digests(a=FULL, b=FULL, c=DEAD, d=NEW)
    shown = match(digests(new=FULL), memory(mixed, RESOLUTIONS.empty())).neighbours
    assert shown["neighbour_id"][0] == "a"
    assert set(shown["neighbour_id"]) == {"a", "c", "d"}
    assert shown["similarity"].is_sorted(descending=True)
    assert shown["rank"].to_list() == [1, 2, 3]


def test_a_remembered_failure_is_not_its_own_neighbour() -> None:
    """Asked about itself, the memory answers with the others."""
    loaded = digests(a=FULL, b=DEAD)
    shown = match(loaded.head(1), memory(loaded, RESOLUTIONS.empty())).neighbours
    assert shown["neighbour_id"].to_list() == ["b"]


def test_other_columns_change_nothing() -> None:
    """Only the log's content and people's words count: where and when it failed does not."""
    loaded = digests(a=FULL, b=FULL, c=DEAD)
    words = said(("a", "resolved", "x", True), ("b", "resolved", "y", None))
    plain = match(digests(new=FULL), memory(loaded, words))
    noise = loaded.with_columns(dag_id=pl.Series(["q", "p", "o"]), at_utc=pl.lit(NOW))
    other = match(digests(new=FULL), memory(noise.reverse(), words))
    assert plain.matches.equals(other.matches)
    assert plain.neighbours.equals(other.neighbours)


def test_a_rejection_counts_against_the_fix() -> None:
    """Five times it held, then people said no: the gate shuts again."""
    loaded = digests(**{f"m{n}": FULL for n in range(9)})
    held = [(f"m{n}", "resolved", "freed the disk", True) for n in range(5)]
    no = [(f"m{n}", "rejected", "Freed the disk.", None) for n in range(5, 9)]
    assert row(match(digests(new=FULL), memory(loaded, said(*held))))["gate2"] is True
    got = row(match(digests(new=FULL), memory(loaded, said(*held, *no))))
    assert (got["held"], got["known"], got["gate2"]) == (5, 9, False)


def test_other_fixes_do_not_speak_for_the_suggested_one() -> None:
    """What held for another fix is no evidence; that there is another one is told."""
    loaded = digests(**{f"m{n}": FULL for n in range(6)})
    words = said(
        ("m0", "resolved", "freed the disk", True),
        *((f"m{n}", "resolved", "made it larger", False) for n in range(1, 6)),
    )
    got = row(match(digests(new=FULL), memory(loaded, words)))
    assert (got["suggested"], got["held"], got["known"]) == ("freed the disk", 1, 1)
    assert got["others"] == 1


def test_a_calibrated_class_has_its_own_gate() -> None:
    """The first word of these digests is the exception; another class keeps the default."""
    gates = Gates(classes={"DiskFull": 1.0}, similarity=0.5)
    near = digests(a=f"{FULL} today", b=f"{DEAD} today")
    loaded = digests(m=FULL, n=DEAD)
    got = match(near, memory(loaded, RESOLUTIONS.empty()), gates=gates).matches
    assert got["gate1"].to_list() == [False, True]


@pytest.mark.parametrize(
    "wrong", [{"similarity": 1.2}, {"confidence": -0.1}, {"classes": {"A": 9.0}}]
)
def test_a_gate_outside_its_scale_is_refused(wrong: dict[str, Any]) -> None:
    """82 is no similarity."""
    with pytest.raises(WorkbenchError, match="from 0 to 1"):
        Gates(**wrong)


class Spy:
    """A model that keeps what it was asked."""

    def __init__(self, reply: object) -> None:
        self.prompts: list[str] = []
        self._reply = reply

    def __call__(self, text: str) -> Any:
        self.prompts.append(text)
        if isinstance(self._reply, Exception):
            raise self._reply
        return self._reply


GOOD = json.dumps({"fix": "grow the volume", "confidence": 0.9, "explanation": "as before"})


def test_below_the_first_gate_no_model_is_asked() -> None:
    """Zero calls for what is novel; above it one call a digest, however many failures have it."""
    spy = Spy(GOOD)
    match(digests(a=NEW, b=NEW), times(6, 6), ask=spy)
    assert spy.prompts == []
    answer = match(digests(a=NEW, b=FULL, c=FULL), times(6, 0), ask=spy)
    assert len(spy.prompts) == 1
    assert answer.matches["decision"].to_list() == [Decision.PERSON, *[Decision.AUTOMATIC] * 2]
    assert answer.matches["suggested"].to_list()[1:] == ["grow the volume"] * 2
    assert automatic_share(answer.matches) == pytest.approx(2 / 3)


def test_without_a_model_nothing_is_asked_and_the_share_decides() -> None:
    """Off by default."""
    assert row(match(digests(new=FULL), times(6, 6)))["decision"] == Decision.AUTOMATIC


@pytest.mark.parametrize(
    ("confidence", "decision"), [(0.5, Decision.AUTOMATIC), (0.49, Decision.PERSON)]
)
def test_a_model_has_to_be_as_sure_as_the_gate_asks(confidence: float, decision: str) -> None:
    """Its confidence stands in for the share that held."""
    reply = json.dumps({"fix": "x", "confidence": confidence, "explanation": ""})
    got = row(match(digests(new=FULL), times(6, 6), ask=Spy(reply)))
    assert (got["decision"], got["confidence"]) == (decision, confidence)


MALFORMED = (
    None,
    "",
    "certainly! clear it",
    "[]",
    "{}",
    f"```json\n{GOOD}\n```",
    GOOD + GOOD,
    '{"fix": "x", "confidence": 85, "explanation": ""}',
    '{"fix": "x", "confidence": -0.1, "explanation": ""}',
    '{"fix": "x", "confidence": "0.9", "explanation": ""}',
    '{"fix": "x", "confidence": true, "explanation": ""}',
    '{"fix": "x", "confidence": NaN, "explanation": ""}',
    '{"fix": "x", "confidence": 1e999, "explanation": ""}',
    '{"fix": "", "confidence": 0.9, "explanation": ""}',
    '{"fix": ["x"], "confidence": 0.9, "explanation": ""}',
    '{"fix": "x", "confidence": 0.9}',
    '{"fix": "x", "confidence": 0.1, "confidence": 0.9, "explanation": ""}',
    '{"fix": "x", "confidence": 0.9, "explanation": "", "action": "clear"}',
    '{"fix": "\\ud800", "confidence": 0.9, "explanation": ""}',
    '{"fix": "x", "confidence": 0.9, "explanation": "\\udc00"}',
    '{"fix": "clear\\u0000 it", "confidence": 0.9, "explanation": ""}',
    '{"fix": "\\u001b[2J", "confidence": 0.9, "explanation": ""}',
    "[" * 100_000,
    RuntimeError("no route to token=abcdefgh12345678"),
    TimeoutError(),
)


@pytest.mark.parametrize("reply", MALFORMED, ids=range(len(MALFORMED)))
def test_whatever_goes_wrong_a_person_decides(reply: object) -> None:
    """With the remembered suggestion filled in, and the reason told."""
    got = row(match(digests(new=FULL), times(6, 6), ask=Spy(reply)))
    assert (got["decision"], got["gate2"]) == (Decision.PERSON, False)
    assert got["suggested"] == "freed the disk"
    assert got["why"].startswith("the model")
    assert "abcdefgh" not in got["why"]


@given(
    st.one_of(
        st.text(),
        st.binary().map(lambda b: b.decode("latin-1")),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["fix", "confidence", "explanation", "x"]), inner, max_size=4
                )
            ),
        ).map(json.dumps),
    )
)
def test_no_reply_is_taken_for_more_than_it_says(reply: str) -> None:
    """Whatever comes back: a fix in words with a confidence from 0 to 1, or no reply at all."""
    read = asked(Spy(reply), "question")
    if isinstance(read, str):
        assert read.startswith("the model")
        return
    said = json.loads(reply)
    assert set(said) == {"fix", "confidence", "explanation"}
    assert 0 <= read.confidence <= 1
    assert read.fix.strip()
    assert (read.fix + read.explanation).encode()


def test_a_prompt_carries_no_secret() -> None:
    """Neither the log's nor the remembered fix's."""
    asked_text = prompt(
        {"digest": "Refused", "text": "open postgres://a:hunter2222@db/x"},
        [{"similarity": 1.0, "done": "set password=hunter2222", "held": True}],
    )
    assert "hunter2222" not in asked_text
    assert '"held": true' in asked_text


def test_a_reply_keeps_no_secret() -> None:
    """What a model proposes is shown and kept: redacted as well."""
    fix = json.dumps(
        {"fix": "export password=hunter2222", "confidence": 1, "explanation": "token=hunter2222aa"}
    )
    read = read_reply(fix)
    assert not isinstance(read, str)
    assert "hunter2222" not in read.fix + read.explanation


def test_a_failures_own_word_is_no_evidence_for_it() -> None:
    """Asked about a failure that is remembered itself, its own outcome does not count."""
    known = times(5, 5)
    asked_about = digests(**{f"m{n}": FULL for n in range(5)})
    got = match(asked_about, known).matches
    assert got.select("held", "known").unique().rows() == [(4, 4)]
    assert all(one != other for one, other in got.select("failure_id", "suggested_from").rows())
    alone = row(match(digests(m0=FULL), times(1, 1)))
    assert (alone["suggested"], alone["gate1"], alone["best"]) == (None, False, None)


def test_a_fault_that_came_often_is_no_burden() -> None:
    """Twenty thousand remembered failures of one digest: still one list of neighbours."""
    count = 20_000
    loaded = pl.DataFrame(
        {"failure_id": [f"m{n}" for n in range(count)], "digest_id": "d", "digest": FULL,
         "exception": "DiskFull"}
    )  # fmt: skip
    words = RESOLUTIONS.frame(
        [{"failure_id": f"m{n}", "verdict": "resolved", "done": "x", "held": n % 10 > 0,
          "when_utc": NOW} for n in range(count)]
    )  # fmt: skip
    new = pl.concat([digests(**{f"n{n}": FULL}) for n in range(200)])
    made = match(new, memory(loaded, words))
    assert made.neighbours.height == 200 * 3
    assert made.matches.select("held", "known").unique().rows() == [(18_000, 20_000)]

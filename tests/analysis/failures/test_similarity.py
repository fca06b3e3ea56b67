"""How alike failures are: what passes the gate, what is near below it, and why."""

from __future__ import annotations

import random

import polars as pl
import pytest

from tests.analysis.failures.faults import FAULTS
from tests.analysis.failures.logs import NEW, OLD, failures
from workbench.analysis.failures.digests import digest_frame
from workbench.analysis.failures.embeddings import Embed, Fallback
from workbench.analysis.failures.signs import signs
from workbench.analysis.failures.similarity import Similarity, alike
from workbench.domain.failure_memory import DEFAULT_SIMILARITY, SIMILAR
from workbench.text.digests import digest


def _digest(exception: str | None, message: str, told: str = "", place: str = "") -> str:
    return digest(exception, message, told=told, place=place)


def _alike(one: str, other: str) -> float:
    return alike(signs(one), signs(other), score=1.0)[0]


BASH = "Bash command failed. The command returned a non-zero exit code"
SAME = [
    (
        "other values of the same run",
        _digest("UndefinedTable", 'relation "a.orders_20260101" does not exist'),
        _digest("UndefinedTable", 'relation "b.lines_20260202" does not exist'),
    ),
    (
        "another number of attempts in nearly the same words",
        _digest("ReadTimeout", "the catalogue service gave no answer in time while reading pages"),
        _digest("ReadTimeout", "the catalogue service gave no answer in time while reading page"),
    ),
    (
        "the same code error in the same function",
        _digest("KeyError", "'customer'", place="etl.py:enrich"),
        _digest("KeyError", "'customer'", place="etl.py:enrich"),
    ),
]
DIFFERENT = [
    (
        "another status",
        _digest("HTTPError", "status 401 for all of the pages"),
        _digest("HTTPError", "status 403 for all of the pages"),
    ),
    ("another exception", _digest("ConnectError", "timed out"), _digest("ReadError", "timed out")),
    (
        "another cloud code",
        _digest("ClientError", "An error occurred (AccessDenied) when calling the Get operation"),
        _digest("ClientError", "An error occurred (NoSuchKey) when calling the Get operation"),
    ),
    (
        "the same code error in another function",
        _digest("TypeError", "'NoneType' object is not subscriptable", place="etl.py:join"),
        _digest("TypeError", "'NoneType' object is not subscriptable", place="etl.py:pull"),
    ),
    (
        "nothing but an exit code",
        _digest("AirflowException", f"{BASH} 1."),
        _digest("AirflowException", f"{BASH} 1."),
    ),
    (
        "another last word of the child",
        _digest("AirflowException", f"{BASH} 1.", told="cat: /a: Permission denied"),
        _digest("AirflowException", f"{BASH} 1.", told="cat: /a: No such file or directory"),
    ),
    (
        "the opposite in nearly the same words",
        _digest("ApiError", "the shared staging volume is mounted on this worker node here"),
        _digest("ApiError", "the shared staging volume is not mounted on this worker node here"),
    ),
]


@pytest.mark.parametrize(("why", "one", "other"), SAME)
def test_the_same_failure_with_other_variables_passes_the_default_gate(
    why: str, one: str, other: str
) -> None:
    """At or over 0.82 stand failures that differ in variables, whatever made the vectors."""
    assert _alike(one, other) >= DEFAULT_SIMILARITY, why
    assert _alike(one, other) == pytest.approx(_alike(other, one))


@pytest.mark.parametrize(("why", "one", "other"), DIFFERENT)
def test_a_sign_that_differs_keeps_the_gate_shut(why: str, one: str, other: str) -> None:
    """However alike two texts sound: another code, exception, place or negation is another one."""
    assert _alike(one, other) < DEFAULT_SIMILARITY, why


def test_the_same_values_come_before_other_values() -> None:
    """Of two remembered failures with one template the one about the same file comes first."""
    text = "[Errno 2] No such file or directory: '{}'"
    memory = pl.DataFrame(
        {
            "digest_id": ["other", "same"],
            "digest": [
                _digest("FileNotFoundError", text.format("/in/lines.csv")),
                _digest("FileNotFoundError", text.format("/in/orders.csv")),
            ],
        }
    )
    asked = pl.DataFrame({"digest_id": ["q"], "digest": memory["digest"].to_list()[1:]})
    answer = SIMILAR.check(Similarity(memory).top(asked, 5))
    assert answer["digest_id"].to_list() == ["same", "other"]
    assert answer["similarity"].to_list()[0] == 1.0
    assert DEFAULT_SIMILARITY <= answer["similarity"].to_list()[1] < 1.0
    assert answer["reasons"].to_list()[1] == ["same template, with other values"]


def test_an_empty_memory_answers_nothing() -> None:
    """No row, of the declared columns."""
    empty = pl.DataFrame(schema={"digest_id": pl.String, "digest": pl.String})
    asked = pl.DataFrame({"digest_id": ["q"], "digest": ["ValueError: x"]})
    for embed in (None, Fallback()):
        assert SIMILAR.check(Similarity(empty, embed=embed).top(asked, 3)).is_empty()


@pytest.mark.parametrize("embed", [None, Fallback()])
def test_the_order_of_the_memory_changes_nothing(embed: Embed | None) -> None:
    """A shuffled memory gives the same bytes."""
    made = digest_frame(failures(FAULTS)).select("digest_id", "digest").unique()
    asked = made.sort("digest_id").head(20)
    one = Similarity(made.sort("digest_id"), embed=embed).top(asked, 5)
    other = Similarity(made.sample(fraction=1, shuffle=True, seed=5), embed=embed).top(asked, 5)
    assert one.equals(other)


@pytest.mark.parametrize("embed", [None, Fallback()])
def test_known_failures_are_recognised_and_new_ones_are_not(embed: Embed | None) -> None:
    """Over faults of many kinds: remembered ones pass and come first, of new classes none does.

    Eight classes of faults and a quarter of the other faults are not remembered.
    """
    rows = failures(FAULTS)
    made = digest_frame(rows).hstack(rows.select("fault", "cls", "version"))
    known = passed = right = kin = kin_near = new = new_passed = 0
    for seed in range(5):
        rng = random.Random(seed)
        gone = set(rng.sample(sorted({fault.cls for fault in FAULTS}), 6))
        left = {n for n, f in enumerate(FAULTS) if f.cls in gone or rng.random() < 0.25}
        memory = made.filter((pl.col("version") == OLD) & ~pl.col("fault").is_in(left))
        asked = made.filter(pl.col("version") == NEW)
        of = dict(memory.select("digest_id", "fault").rows())
        classes = {n: f.cls for n, f in enumerate(FAULTS)}
        found = Similarity(memory, embed=embed).top(asked.unique("digest_id"), 3)
        by_query = found.partition_by("query_id", as_dict=True)
        for query, fault, cls in asked.select("digest_id", "fault", "cls").iter_rows():
            near = by_query[(query,)]
            first = near.row(0, named=True)
            opens = first["similarity"] >= DEFAULT_SIMILARITY
            if fault in of.values():
                known, passed = known + 1, passed + opens
                right += opens and of[first["digest_id"]] == fault
            elif cls in {classes[n] for n in of.values()}:
                kin += 1
                kin_near += any(classes[of[d]] == cls for d in near["digest_id"])
            else:
                new, new_passed = new + 1, new_passed + opens
    assert right / known >= 0.9
    assert right / passed >= 0.97
    assert kin_near / kin >= 0.6
    assert new_passed / new <= 0.1


def test_the_scorer_and_its_note_say_what_made_the_vectors() -> None:
    """Words alone and reduced words are told apart, and the reduced ones say what is missing."""
    memory = pl.DataFrame({"digest_id": ["a"], "digest": ["ValueError: some words"]})
    assert Similarity(memory).scorer != Similarity(memory, embed=Fallback()).scorer
    assert "incident-workbench[embed]" in Similarity(memory, embed=Fallback()).note

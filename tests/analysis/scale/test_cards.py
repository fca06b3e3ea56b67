"""A scale card answers how often, which index, what cost; or says which answer is missing."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from workbench.analysis.scale.cards import Scale, scale_cards
from workbench.analysis.scale.cost_curves import fit_curves
from workbench.analysis.scale.standing_queries import standing_queries
from workbench.domain.histories import History
from workbench.domain.measurements import MEASUREMENTS
from workbench.knowledge.examples import history_of_trees

MODEL = """\
from sqlalchemy import Column, ForeignKey, Index, Integer

class Visit(Base):
    __tablename__ = "visit"
    id = Column(Integer, primary_key=True)
    guest_id = Column(Integer, ForeignKey("guest.id"))
    {index}

    @classmethod
    def of_guest(cls, guest_id):
        return select(cls).where(cls.guest_id == guest_id).order_by(cls.id.desc()).limit(1)
"""
LOOP = """\
from inn.visit import Visit

class Door:
    def opens(self, guest, session):
        {guard}
        return session.scalar(Visit.of_guest(guest.id))

    def counts(self, session):
        return session.scalars(select(Visit).where(Visit.id == 3)).all()

    def waits(self):
        return 1{changed}
"""
GUARD = "if guest.home:\n            return None"
INDEXES = {
    "none": "",
    "partly": '__table_args__ = (Index("idx", "guest_id"),)',
    "covers": '__table_args__ = (Index("idx", "guest_id", "id"),)',
}


def inn(index: str) -> tuple[pl.DataFrame, History]:
    """What the door asks after its guard went, with an index on visits."""
    tree = {"src/inn/visit.py": MODEL.format(index=INDEXES[index]), "src/inn/__init__.py": ""}
    before = {**tree, "src/inn/door.py": LOOP.format(guard=GUARD, changed="")}
    after = {**tree, "src/inn/door.py": LOOP.format(guard="pass", changed="0")}
    history = history_of_trees(before, after)
    names = ("inn.door.Door.opens", "inn.door.Door.counts", "inn.door.Door.waits")
    sha = history.commits["sha"][-1]
    rows = [{"sha": sha, "name": n, "multiplicity": "per-task-instance"} for n in names]
    return pl.DataFrame(rows), history


def card(
    index: str,
    name: str = "opens",
    *,
    multiplicity: str = "per-task-instance",
    scale: Scale | None = None,
) -> dict[str, Any]:
    """The card of one of the door's methods."""
    hot, history = inn(index)
    cards = scale_cards(hot.with_columns(multiplicity=pl.lit(multiplicity)), history, scale=scale)
    return cards.filter(pl.col("name").str.ends_with(name)).row(0, named=True)


@pytest.mark.parametrize(
    ("index", "verdict", "seconds"),
    [("none", "over", 13_600), ("covers", "within", 0.76), ("partly", "unknown", None)],
)
def test_a_query_one_call_away_is_priced_by_its_index(
    index: str, verdict: str, seconds: float | None
) -> None:
    """The account's figures: 340 ms without, 0.019 ms with; a half index is a knife's edge."""
    found = card(index)
    assert (found["index"], found["verdict"]) == (index, verdict)
    assert found["queries"] == ["Visit(guest_id)"]
    assert found["loop_seconds"] == (None if seconds is None else pytest.approx(seconds))
    assert found["calls_per_loop"] == 40_000
    assert found["budget_ms"] == pytest.approx(3.0)


def test_a_primary_key_serves_its_own_column() -> None:
    """A query by id is covered, whatever else the model declares."""
    found = card("none", "counts")
    assert (found["index"], found["index_columns"]) == ("covers", ["id"])


def test_a_function_without_a_readable_query_is_unknown() -> None:
    """Nothing is assumed of what nobody can read."""
    found = card("none", "waits")
    assert found["verdict"] == "unknown"
    assert found["unanswered"] == ["which query does it ask?"]
    assert "Unknown: which query does it ask?" in found["says"]


def test_once_a_loop_even_the_worst_plan_fits() -> None:
    """Whatever the index, one query of 340 ms is far from 120 s."""
    found = card("partly", multiplicity="per-loop")
    assert found["verdict"] == "within"
    assert "Even without an index" in found["says"]


def test_the_rows_and_the_labs_curves_decide() -> None:
    """A small table is cheap without an index; a measured half index is no longer unknown."""
    assert card("none", scale=Scale(rows={"Visit": 1_000}))["verdict"] == "within"
    rows = [
        {
            "variant": variant,
            "profile": "miss",
            "rows": n,
            "plan_signature": variant,
            "server_ms": None,
            "client_ms": cost * n / 1000,
            "repetition": 0,
        }
        for variant, cost in (("none", 1.0), ("plain", 0.9), ("composite", 1e-4))
        for n in (1_000, 10_000, 100_000, 1_000_000)
    ]
    curves = fit_curves(MEASUREMENTS.frame(rows))
    found = card("partly", scale=Scale(curves=curves))
    assert found["verdict"] == "over"
    assert found["query_ms"] == pytest.approx(810, rel=0.05)
    assert "beyond" not in found["says"]
    larger = card("partly", scale=Scale(curves=curves, rows={"Visit": 3_000_000}))
    assert "At 3,000,000 rows (3 times beyond the sizes that were measured)" in larger["says"]


def test_what_stood_before_the_commit_does_not_count() -> None:
    """Queries are told as of the commit, by the dotted function that asks them."""
    hot, history = inn("covers")
    found = standing_queries(hot, history)
    assert set(found["asked_in"]) == {"inn.visit.Visit.of_guest", "inn.door.Door.counts"}
    assert standing_queries(hot.with_columns(sha=pl.lit("0" * 40)), history).is_empty()

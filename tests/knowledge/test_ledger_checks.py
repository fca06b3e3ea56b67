"""Last checks: what a daily report looked at, over gaps, late commits and rewritten lines."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from workbench.knowledge.ledger_checks import append_checks, checked

DAY = date(2026, 3, 17)


def line(*shas: str, repository: str = "upstream") -> pl.DataFrame:
    """A line of commits, the root first."""
    return pl.DataFrame(
        {
            "repository": [repository] * len(shas),
            "sha": shas,
            "position": pl.Series(range(len(shas)), dtype=pl.UInt32),
        },
        schema={"repository": pl.String, "sha": pl.String, "position": pl.UInt32},
    )


def keep(folder: Path, seen: pl.DataFrame) -> int:
    return len(append_checks(folder, seen, who="report daily", when=DAY))


def test_a_first_check_finds_everything_fresh(tmp_path: Path) -> None:
    """Nobody looked before: no last commit, nothing left out."""
    whole = line(*"abcdef")
    said = checked(tmp_path, whole[2:4], line=whole)
    assert said.fresh["sha"].to_list() == ["c", "d"]
    assert (said.already, said.before, said.last, said.lost) == (0, 0, {}, ())


def test_a_second_check_finds_nothing(tmp_path: Path) -> None:
    """One line for an unbroken run; the last checked commit is known for each repository."""
    whole = pl.concat([line(*"abcdef"), line(*"xyz", repository="other")])
    day = whole.filter(pl.col("sha").is_in(["c", "d", "y"]))
    assert keep(tmp_path, day) == 2
    said = checked(tmp_path, day, line=whole)
    assert said.fresh.is_empty()
    assert said.already == 3
    assert said.last == {"other": "y", "upstream": "d"}
    assert keep(tmp_path, said.fresh) == 0


def test_commits_that_land_later_are_fresh(tmp_path: Path) -> None:
    """The day is checked in the afternoon; the evening's commits are new the next time."""
    whole = line(*"abcdef")
    keep(tmp_path, whole[2:4])
    said = checked(tmp_path, whole[2:6], line=whole)
    assert (said.fresh["sha"].to_list(), said.already) == (["e", "f"], 2)


def test_days_that_nobody_checked_are_counted_and_can_be_caught_up(tmp_path: Path) -> None:
    """A gap is said; checking the day in the gap later finds its commits fresh."""
    whole = line(*"abcdef")
    keep(tmp_path, whole[0:2])
    assert checked(tmp_path, whole[4:6], line=whole).before == 2
    keep(tmp_path, whole[4:6])
    gap = checked(tmp_path, whole[2:4], line=whole)
    assert (gap.fresh["sha"].to_list(), gap.already, gap.before) == (["c", "d"], 0, 0)


def test_a_run_that_is_broken_is_two_lines(tmp_path: Path) -> None:
    """A commit between two checked ones is not taken for checked."""
    whole = line(*"abcdef")
    assert keep(tmp_path, whole.filter(pl.col("sha").is_in(["a", "c"]))) == 2
    assert checked(tmp_path, whole[0:3], line=whole).fresh["sha"].to_list() == ["b"]


def test_a_line_that_was_rewritten_is_said_and_checked_anew(tmp_path: Path) -> None:
    """A checked commit that left the line is named; a repository that is not loaded is not."""
    keep(tmp_path, line(*"abcd")[2:4])
    keep(tmp_path, line(*"xy", repository="elsewhere"))
    whole = line(*"abCD")
    said = checked(tmp_path, whole[2:4], line=whole)
    assert said.fresh["sha"].to_list() == ["C", "D"]
    assert said.lost == ("d",)


def test_a_loss_is_said_until_its_day_is_checked_again(tmp_path: Path) -> None:
    """Then nothing of that day is missing, and later reports have nothing to say about it."""
    keep(tmp_path, line(*"abcd")[2:4])
    whole = line(*"abCD")
    keep(tmp_path, checked(tmp_path, whole[2:4], line=whole).fresh)
    assert checked(tmp_path, whole[2:4], line=whole).lost == ()


def test_two_reports_at_once_keep_a_run_once(tmp_path: Path) -> None:
    """Both looked before either had written."""
    whole = line(*"abcd")
    assert [keep(tmp_path, whole[2:4]), keep(tmp_path, whole[2:4])] == [1, 0]
    assert len((tmp_path / "state" / "checks.jsonl").read_text().splitlines()) == 1

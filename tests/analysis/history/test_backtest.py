"""Backtests: rates, agreement with labels, and that nothing after the date is known."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from tests.analysis.histories import SHAS, START, changes, commits, deltas, history
from tests.analysis.patterns import pattern
from workbench.analysis.history.backtest import Backtest, ReviewMinutes, backtest, judge
from workbench.analysis.history.mining import as_labels, mine
from workbench.domain.histories import History
from workbench.domain.patterns import Label, Lifecycle, Origin, PathRule, Pattern

SQL = """
    SELECT sha, path, line, module || '.' || qualname AS qualname
    FROM guards_deltas WHERE change = 'removed'
"""
CORE, ASIDE = "airflow/models/dag.py", "airflow/providers/http/hooks.py"


def guarded(*hit: int, count: int = 61, core: int = 20, **more: Any) -> History:
    """``count`` days of commits, the first ``core`` touch core code; those in ``hit`` are hit."""
    paths = [(n, CORE if n < core else ASIDE) for n in range(count)]
    gone = {"change": "removed", "before": {"condition": "x", "exit": "return"}}
    return history(
        {
            "commits": commits(count, **more),
            "file_changes": changes(*paths),
            "guards_deltas": deltas("guards", *({**gone, "change_id": n} for n in hit)),
        }
    )


def label(at: int, word: str = "breaking", pattern_id: str | None = None, **extra: Any) -> Label:
    return Label(sha=SHAS[at], label=word, pattern=pattern_id, extra=extra)


def figures(seen: History, *labels: Label, **more: Any) -> dict[str, Any]:
    given = {k: more.pop(k) for k in ("as_of", "rules") if k in more}
    return backtest(pattern(SQL, **more), seen, labels, **given).row(0, named=True)


def test_rates() -> None:
    """Hits a month over the days of the span; the alarm rate is the share of core commits."""
    row = figures(guarded(1, 2, 30))
    assert (row["pattern"], row["version"], row["hits"], row["commits_hit"]) == ("X-test", 1, 3, 3)
    assert row["core_commits"] == 20
    assert row["alarm_rate"] == pytest.approx(2 / 20)
    assert row["hits_per_month"] == pytest.approx(3 / (61 / 30.44))


def test_a_rename_out_of_core_is_a_core_commit() -> None:
    """Either path counts, as it does for whoever looks at the commit."""
    moved = history({"commits": commits(1), "file_changes": changes((0, ASIDE), old_path=[CORE])})
    assert figures(moved)["core_commits"] == 1


def test_agreement_with_labels() -> None:
    """Precision over labelled hits with its interval, recall over labelled commits by kind."""
    row = figures(
        guarded(1, 2, 3, 4),
        label(1, kind="regression"),
        label(2, "harmless"),
        label(3, "unsure"),
        label(4, "over-rated"),
        label(5, "missed", kind="regression"),
        label(6, "breaking", kind="significant"),
    )
    assert row["labelled"] == 3
    assert row["precision"] == pytest.approx(2 / 3)
    assert (row["precision_low"], row["precision_high"]) == pytest.approx(
        (0.2077, 0.9385), abs=1e-4
    )
    assert row["recall"] == {
        "all": pytest.approx(2 / 4),
        "regression": pytest.approx(1 / 2),
        "significant": 0.0,
    }


def test_a_share_of_nothing_is_null() -> None:
    """Without labels, without core commits, without commits at all."""
    row = figures(guarded(1, core=0))
    assert [row[k] for k in ("precision", "precision_low", "precision_high", "lead_days")] == [
        None
    ] * 4
    assert (row["labelled"], row["recall"], row["alarm_rate"]) == (0, {"all": None}, None)
    assert figures(guarded(count=0))["hits_per_month"] is None


def test_a_label_on_the_hit_beats_one_on_the_commit_and_a_later_one_an_earlier() -> None:
    """Labels of other patterns say nothing about this one."""
    row = figures(
        guarded(1, 2, 3),
        label(1, "harmless", "X-test"),
        label(1, "breaking"),
        label(2, "harmless"),
        label(2, "breaking"),
        label(3, "harmless", "Y-other"),
    )
    assert (row["labelled"], row["precision"]) == (2, 0.5)


def test_lead_is_the_median_time_to_the_repair_of_what_was_hit() -> None:
    """A repair is named by its commit or by its date."""
    row = figures(
        guarded(1, 2, 3, 6),
        label(1, fixed_sha=SHAS[5]),
        label(2, fixed_date=(START + timedelta(days=12)).isoformat()),
        label(3, fixed_date=date(2026, 1, 10)),
        label(4, fixed_sha=SHAS[60]),
        label(6, fixed_date="soon"),
    )
    assert row["lead_days"] == pytest.approx(5.5)


@pytest.mark.parametrize("ref", ["Airflow PR #59604", "apache/airflow#59604", SHAS[1][:12] + "1"])
def test_a_pattern_is_not_judged_on_what_it_was_made_from(ref: str) -> None:
    """Its origins count for rates and for nothing else."""
    shas = [*SHAS[:1], ref[:12] + "1" + "0" * 27, *SHAS[2:61]] if ref[0] == "0" else SHAS[:61]
    seen = guarded(1, 2, subject=["", "Fix (#59604)", *[""] * 59], sha=shas)
    origin = Origin(kind="commit", ref=ref, date=date(2026, 1, 2))
    told = Label(sha=shas[1], label="breaking")
    assert figures(seen, told, label(2))["labelled"] == 2
    row = figures(seen, told, label(2), origins=(origin,))
    assert (row["labelled"], row["hits"], row["recall"]) == (1, 2, {"all": 1.0})


def test_nothing_after_the_date_is_known() -> None:
    """Moving commits, hits, labels and repairs past the date changes nothing."""
    cut = START + timedelta(days=10)
    before = guarded(1, 2, count=61)
    known = [label(1, fixed_sha=SHAS[4]), label(2, "harmless", when="2026-01-05")]
    later = [
        label(3, fixed_sha=SHAS[30]),
        label(5, fixed_date="2026-02-01"),
        label(6, "harmless", when="2026-02-01"),
        label(40),
    ]
    told = figures(before, *known, as_of=cut)
    assert told["core_commits"] == 10
    assert told == figures(guarded(1, 2, 11, 40, count=61), *known, *later, as_of=cut)
    # The same events before the date do count.
    assert told != figures(guarded(1, 2, 7, count=61), *known, as_of=cut)
    assert told != figures(before, *known, label(3, fixed_sha=SHAS[9]), as_of=cut)


def test_skipped_paths_give_no_hits() -> None:
    """With triage rules only what detectors would look at is counted."""
    rule = PathRule(id="aside", globs=("airflow/providers/**",), means="SKIP", why="pinned")
    assert figures(guarded(1, 30), rules=[rule])["hits"] == 1


def test_several_patterns_are_several_rows() -> None:
    """One row each, by id."""
    two = [pattern(SQL, id="Z-last"), pattern(SQL, id="A-first")]
    found = backtest(two, guarded(1))
    assert found["pattern"].to_list() == ["A-first", "Z-last"]
    assert backtest([], guarded(1)).is_empty()
    assert isinstance(found.schema["recall"], pl.Struct)


def judged(
    seen: History, *labels: Label, patterns: tuple[Pattern, ...] = (), **more: Any
) -> Backtest:
    return judge(patterns or (pattern(SQL),), seen, labels, **more)


def test_labels_that_do_not_count_are_counted() -> None:
    """Given = counted + unsure + on commits that are not loaded + not known at the date."""
    cut = START + timedelta(days=10)
    found = judged(
        guarded(1, 2),
        label(1),
        label(2, "unsure"),
        Label(sha="f" * 40, label="breaking"),
        label(3, fixed_sha=SHAS[30]),
        label(40),
        as_of=cut,
    )
    assert found.labels == {
        "given": 5,
        "counted": 1,
        "unsure": 1,
        "unknown_commit": 1,
        "later": 2,
        "undated": 0,
    }


@pytest.mark.parametrize(("length", "later"), [(40, 1), (12, 1), (7, 1), (6, 0)])
def test_a_repair_may_be_named_by_a_short_sha(length: int, later: int) -> None:
    """As git shows it; what is too short to name a commit says nothing."""
    shas = [f"{n:02x}" * 20 for n in range(61)]
    told = Label(sha=shas[3], label="breaking", extra={"fixed_sha": shas[30][:length]})
    found = judged(guarded(1, sha=shas), told, as_of=START + timedelta(days=10))
    assert found.labels["later"] == later


def test_a_repair_that_came_later_gives_no_lead() -> None:
    """The verdict was given in time, the repair was not: it counts without a lead."""
    early = label(1, when="2026-01-05", fixed_sha=SHAS[30])
    row = figures(guarded(1), early, as_of=START + timedelta(days=10))
    assert (row["labelled"], row["lead_days"]) == (1, None)
    assert figures(guarded(1), early)["lead_days"] == pytest.approx(29)


def test_patterns_that_nobody_had_are_judged_in_hindsight() -> None:
    """Such a row says so, and has no part in the figures of all together."""
    made = Lifecycle(created=date(2026, 1, 20), author="someone")
    late = pattern(SQL, id="Z-late", lifecycle=made)
    both = (pattern(SQL), late)
    cut = START.replace(hour=0) + timedelta(days=10)
    found = judged(guarded(1, 2), label(1), patterns=both, as_of=cut)
    assert found.patterns["known_then"].to_list() == [True, False]
    assert found.patterns["hits"].to_list() == [2, 2]
    assert found.together.row(0, named=True)["hits"] == 2
    assert judged(guarded(1), patterns=(late,), as_of=cut).together.is_empty()
    later = START.replace(hour=0) + timedelta(days=20)
    assert judged(guarded(1), patterns=both, as_of=later).together["hits"].to_list() == [2]


def test_all_together_are_the_commits_that_any_of_them_hits() -> None:
    """A commit counts once; what one of them was made from counts through the other alone."""
    second = SQL.replace("removed", "added")
    seen = guarded(1, 2)
    more = {"change": "added", "after": {"condition": "x", "exit": "return"}, "change_id": 3}
    gone = {"change": "removed", "before": {"condition": "x", "exit": "return"}}
    rows = [{**gone, "change_id": 1}, {**gone, "change_id": 2}, {**more}, {**more, "change_id": 2}]
    frames = {name: seen[name] for name in ("commits", "file_changes")}
    seen = history({**frames, "guards_deltas": deltas("guards", *rows)})
    origin = Origin(kind="commit", ref=SHAS[1], date=date(2026, 1, 2))
    one, other = pattern(SQL, origins=(origin,)), pattern(second, id="Y-other")
    found = judged(seen, label(1), label(2), label(3, "harmless"), label(4), patterns=(one, other))
    whole = found.together.row(0, named=True)
    assert (whole["pattern"], whole["hits"], whole["commits_hit"]) == ("together", 4, 3)
    assert (whole["labelled"], whole["precision"]) == (2, 0.5)
    assert whole["recall"]["all"] == pytest.approx(1 / 2)
    assert found.overlap.rows() == [("X-test", "Y-other", 1, 0.5)]


def test_lift_says_how_much_better_than_at_random() -> None:
    """Recall over alarm rate, for each kind; null where nothing is flagged."""
    row = figures(guarded(1, 2), label(1, kind="regression"), label(5))
    assert row["alarm_rate"] == pytest.approx(0.1)
    assert row["lift"] == {"all": pytest.approx(5.0), "regression": pytest.approx(10.0)}
    assert figures(guarded(), label(1))["lift"]["all"] is None


def test_severity_that_is_disputed_is_counted() -> None:
    """Both say that the commit hurt; a missed commit lowers recall until a detector hits it."""
    row = figures(
        guarded(1, 2), label(1, "under-rated"), label(2, "over-rated"), label(3, "missed")
    )
    assert (row["under_rated"], row["over_rated"], row["precision"]) == (1, 1, 1.0)
    assert row["recall"]["all"] == pytest.approx(2 / 3)


def test_dates_of_what_was_caught() -> None:
    """Landed, flagged at the end of that day, repaired; oldest first."""
    found = judged(guarded(1, 2), label(2, fixed_sha=SHAS[5]), label(1, fixed_sha=SHAS[1]))
    first, second = found.leads.to_dicts()
    assert first["landed_utc"] == START + timedelta(days=1)
    assert first["flagged_utc"] == (START + timedelta(days=2)).replace(hour=0)
    assert (first["lead_days"], first["gained_days"]) == (0, -0.5)
    assert (second["lead_days"], second["gained_days"]) == (3, 2.5)


def test_minutes_of_reading_follow_the_setting() -> None:
    """Skimming every core commit, less judging the commits that are hit."""
    found = judged(guarded(1, 2), minutes=ReviewMinutes(commit=3, hit=10))
    row = found.patterns.row(0, named=True)
    months = 61 / 30.44
    assert row["review_minutes_per_month"] == pytest.approx(20 / months)
    assert row["review_minutes_saved_per_month"] == pytest.approx((60 - 20) / months)


def test_findings_of_the_span_are_counted_beside_hits() -> None:
    """Only those of the pattern and of commits that were known."""
    found = pl.DataFrame(
        {"sha": [SHAS[1], SHAS[1], SHAS[40]], "pattern": ["X-test", "Y", "X-test"]}
    )
    cut = START + timedelta(days=30)
    assert judged(guarded(1), findings=found).patterns["findings"].to_list() == [2]
    assert judged(guarded(1), findings=found, as_of=cut).patterns["findings"].to_list() == [1]
    assert judged(guarded(1)).patterns["findings_per_month"].to_list() == [None]


@pytest.mark.parametrize("days", [11, 30, 60])
def test_mined_labels_do_not_leak_over_the_date(days: int) -> None:
    """A fix that names its cause says nothing before it lands, wherever after the date that is."""
    cut = START + timedelta(days=10)

    def told(at: int) -> History:
        subjects = [f"Change {n} (#{n})" for n in range(61)]
        subjects[at] = "Fix it, broken in #1 (#99)"
        return guarded(1, 2, subject=subjects, message=subjects)

    def whole(seen: History) -> dict[str, Any]:
        result = judged(seen, *as_labels(mine(seen)), as_of=cut)
        return {
            "patterns": result.patterns.to_dicts(),
            "together": result.together.to_dicts(),
            "leads": result.leads.to_dicts(),
            "overlap": result.overlap.to_dicts(),
        }

    nothing = guarded(1, 2, subject=[f"Change {n} (#{n})" for n in range(61)])
    assert whole(told(days)) == whole(nothing)
    assert whole(told(9)) != whole(nothing)


@pytest.mark.parametrize(
    ("more", "as_of", "counted"),
    [
        ({"fixed_sha": "f" * 40}, True, "undated"),
        ({"fixed_sha": "f" * 40}, False, "counted"),
        ({"fixed_sha": "f" * 40, "when": "2026-01-05"}, True, "counted"),
        ({"fixed_sha": "f" * 40, "fixed_date": "2026-01-05"}, True, "counted"),
        ({"fixed_sha": "f" * 40, "fixed_date": "2026-02-05"}, True, "later"),
        ({}, True, "counted"),
    ],
)
def test_a_label_by_a_repair_that_is_not_loaded(
    more: dict[str, str], as_of: bool, counted: str
) -> None:
    """Nobody knows whether it was known at the date, unless it says a date of its own."""
    told = Label(sha=SHAS[3], label="breaking", extra=more)
    cut = {"as_of": START + timedelta(days=10)} if as_of else {}
    found = judged(guarded(1), told, **cut).labels
    assert found[counted] == 1
    assert found["given"] == sum(n for name, n in found.items() if name != "given")

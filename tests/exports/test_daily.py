"""Reports for people: a loud day's findings, text of strangers made harmless, long lists cut."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from tests.analysis.histories import SHAS, commits
from workbench.exports.daily.counting import spans, worst_first
from workbench.exports.daily.documents import Reported, daily_document, period_document
from workbench.exports.daily.markdown import daily_markdown, one_line_fix, period_markdown
from workbench.exports.documents import check

DAY = date(2026, 1, 1)
STEP = {
    "path": "up.py",
    "line": 3,
    "relation": "takes it away",
    "text": "x = 1",
    "where": "upstream",
}


def finding(at: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "sha": SHAS[at],
        "path": "up.py",
        "line": 3,
        "side": "after",
        "pattern": "H-lifecycle",
        "stage": "trial",
        "severity": "HIGH",
        "qualname": "up.x",
        "names": ["up.x"],
        "kind": "break",
        "downstream": "ours",
        "call_sites": [],
        "trace": [STEP],
        "message": "up.x raises until init ran.",
    } | more


def reported(count: int, *findings: dict[str, Any], **more: Any) -> Reported:
    """Commits of which every other one is skipped, and their findings."""
    known = commits(count, **more)
    classes = ["FULL" if n % 2 == 0 else "SKIP" for n in range(count)]
    rules = ["up.py" if n % 2 == 0 else "docs" for n in range(count)]
    triage = pl.DataFrame(
        {"sha": known["sha"], "class": classes, "rule": rules},
        schema={"sha": pl.String, "class": pl.String, "rule": pl.String},
    )
    hits = pl.DataFrame({"sha": [f["sha"] for f in findings]}, schema={"sha": pl.String})
    return Reported(
        commits=known,
        triage=triage,
        hits=hits,
        findings=pl.DataFrame(list(findings)) if findings else pl.DataFrame(),
        links={"upstream": "https://example.org/pull/{number}"},
    )


def shown(*findings: dict[str, Any], **more: Any) -> str:
    return daily_markdown(daily_document(reported(4, *findings, **more), day=DAY))


def test_addresses_and_numbers_of_any_kind() -> None:
    """Other braces of an address are its own; a number that none can have is no pull request."""
    subjects = ["Give x an init (#7)", f"Odd (#{'9' * 5000})", "c", "d"]
    given = reported(4, finding(), finding(1), subject=subjects)
    links = {"upstream": "https://example.org/{team}/{number}"}
    body = daily_document(replace(given, links=links), day=DAY)
    told = {row["sha"]: (row["pull_request"], row["link"]) for row in body["about"]}
    assert told == {SHAS[0]: (7, "https://example.org/{team}/7"), SHAS[1]: (None, None)}


def test_a_loud_day_names_commit_chain_and_fix() -> None:
    """Severity, whom it reaches, the pull request with its link, each hop, one line to write."""
    text = shown(
        finding(verified=True, fix="Call init() first.\nThen go on."),
        subject=["Give x an init (#7)", "b", "c", "d"],
    )
    assert "**1 verified HIGH.**" in text
    assert "## HIGH, verified: breaks ours" in text
    assert "Give x an init (#7) <https://example.org/pull/7>" in text
    assert "  1. upstream `up.py:3` takes it away: `x = 1`" in text
    assert "- Fix: Call init() first.\n" in text
    assert "Analysed, nothing found" not in text


def test_a_second_look_and_doubts_are_told() -> None:
    """What the challenge changed, and why something could not be verified."""
    review = {"verdict": "downgraded", "from": "HIGH", "to": "LOW", "reasons": []}
    text = shown(finding(verified=False, why_not="No line was found.", review=review, also=["C-x"]))
    assert "**1 unverified HIGH.**" in text
    assert "- Not verified: No line was found." in text
    assert "- Second look: downgraded, HIGH to LOW" in text
    assert "- Pattern: H-lifecycle, also C-x" in text


def test_text_of_strangers_cannot_draw_on_the_page() -> None:
    """Markup and terminal codes of a subject are shown, not obeyed; secrets are gone."""
    subject = "Use <b>`x`</b> \x1b[31m [a](b) password=hunter2secret"
    text = shown(finding(message="a\nb `c`"), subject=[subject, "b", "c", "d"])
    assert "\x1b" not in text
    assert "\\<b\\>\\`x\\`" in text
    assert "hunter2secret" not in text
    assert "- What: a b \\`c\\`" in text


def test_what_still_works_comes_last_in_a_line() -> None:
    """Deprecated findings make no day loud; long lists end in a number."""
    many = [finding(n, kind="deprecated", severity="LOW", downstream=f"d{n}") for n in range(30)]
    body = daily_document(reported(30, *many), day=DAY)
    assert body["verdict"] == "quiet"
    text = daily_markdown(body)
    assert text.count("still works for d") == 20
    assert "- and 10 more; --json gives all" in text
    mixed = worst_first(
        [many[0], finding(1, severity="LOW"), finding(2), finding(3, verified=True)]
    )
    assert [SHAS.index(row["sha"]) for row in mixed] == [3, 2, 1, 0]


def test_a_very_loud_day_is_cut_too() -> None:
    """Ten findings stand whole, the others in a line each."""
    text = shown(*(finding(n % 4, downstream=f"d{n}") for n in range(14)))
    assert text.count("\n## HIGH") == 10
    assert text.count("\n- HIGH H-lifecycle: breaks") == 4


@pytest.mark.parametrize(
    ("fix", "said"),
    [
        (None, ""),
        ("Do this.\nAnd that.", "Do this."),
        (
            {"patch": "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-old\n+\n+    new()\n", "path": "x.py"},
            "write `new()` (`x.py`)",
        ),
        ({"text": "Upstream did it.", "upstream_sha": "f" * 40}, f"{'f' * 10}"),
        ({"patch": "+a `tick`"}, "write `` a `tick` ``"),
    ],
)
def test_a_fix_is_one_line(fix: object, said: str) -> None:
    """Words, the first added line of a patch, its file, upstream's own commit."""
    assert said in one_line_fix(fix)
    assert "\n" not in one_line_fix(fix)


def test_a_long_period_is_told_by_month() -> None:
    """Spans add up whatever their length; the table has a row each."""
    whole = reported(90, finding(0), finding(40))
    rows = spans(whole.commits, whole.triage, whole.hits, [finding(0), finding(40)])
    assert [row["span"] for row in rows] == ["2026-01", "2026-02", "2026-03"]
    assert [row["findings"] for row in rows] == [1, 1, 0]
    body = period_document(whole, first=DAY, last=date(2026, 3, 31))
    assert "| 2026-02 | 28 |" in period_markdown(body)


def test_documents_fit_their_schemas() -> None:
    """With findings, without any, and without commits."""
    for made in (reported(4, finding()), reported(4), reported(0)):
        for name, body in (
            ("report-daily", daily_document(made, day=DAY) | {"kept": True, "appended": 0}),
            ("report-period", period_document(made, first=DAY, last=DAY)),
        ):
            plain = {**body, "format": f"workbench.{name}", "format_version": 1}
            for row in plain["about"]:
                row["committed_utc"] = row["committed_utc"].isoformat()
            check(plain, schema=name)


def test_a_release_pair_has_no_pull_request() -> None:
    """Its name is shown whole, without a link."""
    sha = "release:3.1.6..3.1.7"
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=1)
    made = reported(1, finding(sha=sha), sha=[sha], committed_utc=[at], subject=["3.1.7"])
    body = daily_document(made, day=DAY)
    assert (body["about"][0]["pull_request"], body["about"][0]["link"]) == (None, None)
    assert "- Commit: release:3.1.6..3.1.7 3.1.7\n" in daily_markdown(body)

"""The report: every figure from the evidence, words escaped, nobody blamed, nothing made up."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from tests.exports.incident import (
    CASE,
    STARTED,
    events,
    evidence,
    failures,
    nothing,
    scan,
    statistics,
)
from workbench.domain.findings import FINDINGS
from workbench.domain.frames import QUERY_STATS, TIMELINE_EVENTS
from workbench.exports import report
from workbench.exports.report import Block, Evidence
from workbench.exports.report.blocks import Figure, as_markdown, figures, folded, prose, table
from workbench.exports.report.evidence import compared
from workbench.exports.report.gathering import loop_model, without_secrets
from workbench.exports.report.words import counted, factor, milliseconds, percent, quantity, span

PARTS: list[Callable[[Evidence], Block]] = [
    report.summary,
    report.headline,
    report.impact,
    report.timeline_table,
    report.every_event,
    report.durations_table,
    report.scale_card,
    report.statistics_table,
    report.failures_table,
    report.triage_share,
    report.hits_table,
    report.findings_table,
    report.call_sites_table,
    report.factors,
    report.follow_ups,
    report.inputs_table,
]


def whole(one: Evidence) -> str:
    """All parts of a report as HTML."""
    return "".join(part(one).html for part in PARTS)


@pytest.mark.parametrize("part", PARTS, ids=lambda p: p.__name__)
def test_every_part_stands_without_evidence(part: Callable[[Evidence], Block]) -> None:
    """A case that names nothing has a report that says so, in both forms."""
    block = part(nothing())
    assert block.html
    assert block.markdown.strip()
    assert "None" not in block.markdown
    assert "nan" not in block.markdown


@pytest.mark.parametrize("part", PARTS, ids=lambda p: p.__name__)
def test_every_part_is_the_same_every_time(part: Callable[[Evidence], Block]) -> None:
    """No clock, no random id."""
    assert part(evidence()) == part(evidence())


def test_the_summary_states_the_figures() -> None:
    """Restarts, cycle, loop, budget, query, commits and lead: all as the evidence has them."""
    text = report.summary(evidence()).markdown
    for words in (
        "2026-02-10 06:00 to 22:00 UTC",
        "version 3.1.7",
        "**restarted 52 times** in 16 h, once every 18.5 min on average",
        "40,000 times, so an answer may take 3.0 ms",
        "at 342 ms an execution",
        "0.019 ms, 18,000 times less",
        "Of 40 upstream commits the patterns hit 1 commit that landed before the deploy",
        "1 of those changed a hot path or a name that a failure mentions, 21 days before",
    ):
        assert words in text


def test_the_scale_card_does_the_arithmetic() -> None:
    """Queries, seconds, budget, what would fit, the fast query, and round figures as told aloud."""
    text = report.scale_card(evidence()).markdown
    for words in (
        "40,000 queries",
        "13,680 s",
        "3.0 ms",
        "17 task instances",
        "0.76 s",
        "13,600 s",
    ):
        assert words in text


def test_figures_without_evidence_are_left_out() -> None:
    """A headline never shows a zero for what nobody measured."""
    assert "<dt>" not in report.headline(nothing()).html
    assert report.headline(evidence()).html.count("<dt>") == 5


def test_restarts_seen_together_are_counted_and_spread() -> None:
    """Four kills in one event are four moments; a kill before the incident is none of them."""
    rows: list[dict[str, object]] = [
        {"at_utc": STARTED - timedelta(hours=1), "kind": "Killing", "source": "k", "repeats": 1},
        {
            "at_utc": STARTED,
            "end_utc": STARTED + timedelta(minutes=30),
            "kind": "Killing",
            "source": "k",
            "repeats": 4,
        },
    ]
    one = evidence(events=TIMELINE_EVENTS.frame(rows))
    minutes = [(at - STARTED).total_seconds() / 60 for at in one.restarts_utc]
    assert minutes == [0, 10, 20, 30]
    assert len(evidence().restarts_utc) == evidence().durations.restarts == 52


def test_counters_that_were_reset_are_not_subtracted() -> None:
    """After a reset the second snapshot speaks for itself, for every query."""
    rows = compared(statistics()).to_dicts()
    assert [r["after_ms"] for r in rows] == [0.019, 0.1]
    assert rows[0]["ratio"] == pytest.approx(18_000)


def test_counters_that_grew_are_subtracted() -> None:
    """Without a reset the cost of the calls in between is what counts, not the average so far."""
    grown = pl.when(pl.col("snapshot") == "after")
    frame = statistics().with_columns(
        calls=grown.then(pl.lit(151_000, pl.Int64)).otherwise("calls"),
        total_exec_ms=grown.then(51_300_019.0).otherwise("total_exec_ms"),
    )
    after = {r["queryid"]: r for r in compared(frame).to_dicts()}["1"]
    assert (after["after_calls"], after["after_ms"]) == (1_000, pytest.approx(0.019))


def test_a_query_of_one_snapshot_only_has_no_ratio() -> None:
    """What is missing afterwards is left open."""
    (row, _) = compared(statistics().filter(pl.col("snapshot") == "before")).to_dicts()
    assert (row["after_ms"], row["ratio"]) == (None, None)
    assert (
        "times"
        not in report.headline(
            evidence(statistics=statistics().filter(pl.col("snapshot") == "before"))
        ).markdown
    )


def test_a_query_of_the_second_snapshot_alone_is_new() -> None:
    """It stands in the table where its cost puts it, and the figures before are left empty."""
    head: dict[str, object] = {"snapshot": "after", "calls": 1_000}
    slow = {**head, "queryid": "9", "total_exec_ms": 99_999_000.0, "mean_exec_ms": 99_999.0}
    cheap = [
        {**head, "queryid": f"c{n}", "total_exec_ms": 1.0, "mean_exec_ms": 0.001} for n in range(9)
    ]
    added = [{**row, "query": f"SELECT {row['queryid']}"} for row in (slow, *cheap)]
    frame = pl.concat([statistics(), QUERY_STATS.frame(added)])
    row = compared(frame).row(0, named=True)
    assert (row["queryid"], row["is_new"], row["after_ms"]) == ("9", True, 99_999.0)
    empty = ("calls", "total_ms", "share", "before_ms", "ratio")
    assert [row[name] for name in empty] == [None] * 5
    text = report.statistics_table(evidence(statistics=frame)).markdown
    assert "| SELECT 9 |  |  |  | 99,999 ms | new |" in text
    assert text.count("| new |") == 5
    assert "New in the second: 10 queries." in text


def test_a_new_query_changes_no_figure_of_the_others() -> None:
    """Shares, headline, loop model and factors speak of queries that the first snapshot has."""
    new: dict[str, object] = {
        "snapshot": "after",
        "queryid": "9",
        "query": "SELECT 9",
        "calls": 1_000,
        "total_exec_ms": 99_999_000.0,
        "mean_exec_ms": 99_999.0,
    }
    more = evidence(statistics=pl.concat([statistics(), QUERY_STATS.frame([new])]))
    for part in (report.summary, report.headline, report.scale_card, report.factors):
        assert part(more) == part(evidence())
    alone = evidence(statistics=QUERY_STATS.frame([new]))
    assert "costliest query" not in report.headline(alone).markdown
    assert "SELECT 9" in report.statistics_table(alone).markdown


def test_repeated_events_are_told_once_and_listed_in_full() -> None:
    """52 kills are one row of the timeline and 52 rows of the evidence, none is dropped."""
    story, every = report.timeline_table(evidence()), report.every_event(evidence())
    assert story.markdown.count("failed liveness probe") == 1
    assert "52 times in 15.6 h" in story.markdown
    assert every.markdown.count("failed liveness probe") == 52
    assert every.html.count("<tr>") == events().height


def test_words_from_inputs_are_escaped() -> None:
    """Markup in a note or a log text is shown as text."""
    page = whole(evidence())
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/" in page
    assert "&lt;b&gt;now&lt;/b&gt;" in page


def test_nobody_is_named_and_no_single_cause_either() -> None:
    """Authors of commits appear nowhere; factors stand side by side."""
    page = whole(evidence())
    assert "Petra" not in page
    assert not re.search("root cause|fault of|to blame", page, re.IGNORECASE)
    assert report.factors(evidence()).html.count("<section") == 3


def test_factors_are_written_from_what_landed_before_the_deploy() -> None:
    """A pattern's factor says what, why, how much earlier, and links to the hit."""
    made = report.factors(evidence())
    for words in ("Shared state changed in place", "check() changes its context", "21 days before"):
        assert words in made.html
    (target,) = re.findall(r'href="#(hit-[^"]+)"', made.html)
    assert f'id="{target}"' in report.hits_table(evidence()).html
    late = evidence(case=replace(CASE, deployed_utc=STARTED - timedelta(days=90)))
    assert "Shared state" not in report.factors(late).html
    assert "no, later" in report.hits_table(late).markdown


def test_landing_before_the_deploy_is_not_said_to_be_running() -> None:
    """A release's branch may be cut before; without a deploy the incident is what is named."""
    unknown = evidence(case=replace(CASE, deployed_utc=None))
    for one, words in ((evidence(), "before the deploy"), (unknown, "before the incident")):
        page = whole(one)
        assert not re.search("(what|that) ran", page)
        for part in (report.summary, report.headline, report.hits_table, report.findings_table):
            assert f"landed {words}" in part(one).markdown.lower()


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("AttributeError: module has no attribute 'check'", True),
        ("recheck the unchecked", False),
        (None, False),
    ],
)
def test_a_name_that_a_failure_mentions_tells(message: str | None, *, told: bool) -> None:
    """A hit off the hot path counts when a failed try of the incident says a name it changed."""
    said = failures().with_columns(message=pl.lit(message))
    cold = replace(scan(), findings=FINDINGS.empty())
    one = evidence(failures=said, scan=cold)
    assert one.hits["telling"].to_list() == [told, told]
    september = said.with_columns(at_utc=pl.col("at_utc") - timedelta(days=150))
    assert not evidence(failures=september, scan=cold).hits["telling"].any()


def test_every_follow_up_can_be_verified() -> None:
    """Four kinds, and each says how one will know; owners are roles, still open."""
    lines = report.follow_ups(evidence()).markdown.splitlines()
    rows = [line.strip("|").split("|") for line in lines if line.startswith("| ")][2:]
    cells = [[cell.strip() for cell in row] for row in rows]
    assert {c[0] for c in cells} == {"prevent", "detect", "mitigate", "learn"}
    assert all(c[4] for c in cells)
    assert {c[2] for c in cells} == {"to be agreed"}


def test_links_lead_to_ids_in_the_report() -> None:
    """Every link of every part finds its place, ids are unique."""
    page = whole(evidence())
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    headings = {"scheduler-loops"}
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids) | headings


def test_refused_rows_are_counted() -> None:
    """What could not be read is said beside what was."""
    assert "1 row could not be read" in report.inputs_table(evidence()).markdown
    assert "Every row of every input" in report.inputs_table(nothing()).markdown


def test_refused_rows_of_other_inputs_are_not_counted() -> None:
    """A bench holds the refusals of other cases and histories as well."""
    paths = ["case", "case/a/b.log", "case-2/notes.csv", "other/case/x", "f" * 40]
    rejections = pl.DataFrame({"path": paths})
    text = report.inputs_table(evidence(rejections=rejections)).markdown
    assert "2 rows could not be read" in text
    elsewhere = rejections.filter(~pl.col("path").str.contains("^case(/|$)"))
    text = report.inputs_table(evidence(rejections=elsewhere)).markdown
    assert "Every row of every input could be read" in text


def test_the_loop_model_comes_from_the_case() -> None:
    """Tasks and runs from measurements, the last one counting, seconds from the database."""
    measured: list[dict[str, object]] = [
        {"at_utc": STARTED, "kind": "measure", "source": "notes", "value": 9.0, "unit": "tasks"},
        {
            "at_utc": STARTED + timedelta(hours=1),
            "kind": "measure",
            "source": "notes",
            "value": 2_000.0,
            "unit": "tasks",
        },
        {"at_utc": STARTED, "kind": "measure", "source": "notes", "value": 20.0, "unit": "runs"},
        {"at_utc": STARTED, "kind": "page", "source": "pages", "value": 1_840.0, "unit": "tasks"},
    ]
    made = loop_model(TIMELINE_EVENTS.frame(measured), statistics())
    assert made is not None
    assert (made.n_tis, made.n_dagruns, made.per_query_seconds) == (2_000, 20, 0.342)
    assert loop_model(TIMELINE_EVENTS.frame(measured[:1]), statistics()) is None
    assert loop_model(TIMELINE_EVENTS.frame(measured), statistics().clear()) is None


def test_texts_of_commits_are_redacted_row_by_row() -> None:
    """A secret goes, the rows stay in their places, a line break is a blank."""
    texts = pl.Series("subject", ["one\ntwo", None, "postgresql://airflow:hunter2@db/x", "last"])
    said = without_secrets(texts).to_list()
    assert said[:2] == ["one two", ""]
    assert "hunter2" not in said[2]
    assert said[3] == "last"


def test_a_block_shows_itself_in_a_notebook() -> None:
    """HTML with its style, Markdown, and text for terminals."""
    made = prose("Some **bold** `code`")._repr_mimebundle_()
    assert set(made) == {"text/html", "text/markdown", "text/plain"}
    assert "<style>" in made["text/html"]
    assert "<strong>bold</strong> <code>code</code>" in made["text/html"]


def test_stars_and_angles_of_inputs_are_no_markup() -> None:
    """``**kwargs`` in a message stays a name, a tag stays text, in both forms."""
    rows = [{"m": "f(**kwargs) and **more and `a*b<c`"}, {"m": "<img src=x>"}]
    made = table(rows, name="t", caption="C", columns={"m": "M"})
    assert "<strong>" not in made.html
    assert "<code>a*b&lt;c</code>" in made.html
    assert r"f(\*\*kwargs) and \*\*more and `a*b<c`" in made.markdown
    assert r"\<img src=x\>" in made.markdown


HOSTILE = (
    "<script>alert(1)</script>",
    "![x](http://evil.example/y.png)",
    "[l](javascript:alert(1))",
    "``` <script>alert(1)</script> `",
    "a ` <script>alert(1)</script>",
    r"`\|<script>alert(1)</script>`",
    "one\n\n# two\r<script>alert(1)</script>",
    "x\n[r]: javascript:alert(1)",
    "|`|<script>alert(1)</script>|`|",
    r"\`<script>alert(1)</script>\`",
    r"\[l](javascript:alert(1))",
    "a **b `c** <script>d</script> `e",
)
TABLE_OF_ONE = "| M |\n|---|\n| {} |\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_an_input_is_markdown(text: str) -> None:
    """Whatever an input says, a Markdown reader makes neither tag, picture nor link of it."""
    mistune = pytest.importorskip("mistune")
    read = mistune.create_markdown(escape=False, plugins=["table"])
    said = as_markdown(text)
    forms = [f"# {said}\n", f"- Seen: {said}\n", TABLE_OF_ONE.format(said), prose(text).markdown]
    for shown in map(read, forms):
        assert not re.search(r"<(script|img|a)\b", shown), shown
        assert "<h2" not in shown
    assert "\n" not in said


def test_every_part_escapes_its_inputs_in_markdown() -> None:
    """Timeline, failures, factors and their links, version: none of them lets a tag through."""
    bad = "<script>alert(1)</script> ![x](http://evil.example/y.png) [l](javascript:alert(1))"
    said = pl.lit(bad)
    base = scan()
    found = replace(
        base,
        hits=base.hits.with_columns(message=said, path=said),
        findings=base.findings.with_columns(message=said, path=said),
    )
    one = evidence(
        case=replace(CASE, title=bad, running_version=bad),
        events=events().with_columns(text=said),
        failures=failures().with_columns(template=said, exception=said),
        statistics=statistics().with_columns(query=said),
        scan=found,
    )
    text = "\n".join(part(one).markdown for part in PARTS)
    outside = re.sub(r"(?<![`\\])`[^`\n]+`", "", text)
    assert r"\<script\>" in outside
    assert not re.search(r"(?<!\\)<script|(?<!\\)\[[xl]", outside)


def test_names_stay_as_they_are_in_markdown() -> None:
    """What is no markup is not touched: names, arrows in code, numbers."""
    assert as_markdown("core/task_instance.py:41 (2 x 3.0 ms)") == (
        "core/task_instance.py:41 (2 x 3.0 ms)"
    )
    assert as_markdown("`a_[0] -> b`, __init__") == r"`a_[0] -> b`, \_\_init\_\_"


def test_a_table_in_both_forms() -> None:
    """Numbers stand right, code is code, a pipe does not break Markdown, long names may break."""
    name = "airflow.models.taskinstance.TaskInstance"
    rows = [{"n": 1_234.5, "p": "a|b"}, {"n": None, "p": name}]
    made = table(rows, name="t", caption="C", columns={"n": "N", "p": "P"}, code={"p"}, note="Why.")
    assert "| 1,234 | a\\|b |" in made.markdown
    assert "airflow.<wbr>models.<wbr>" in made.html
    assert 'class="gt_row gt_right">1,234</td>' in made.html
    assert "Why." in folded(made, title="T").html
    assert figures([Figure(value="1", label="x")]).markdown == "- **1** x\n"


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (quantity(13_600.0), "13,600"),
        (quantity(0.76), "0.76"),
        (quantity(18.46), "18.5"),
        (milliseconds(3.0), "3.0 ms"),
        (milliseconds(342.0), "342 ms"),
        (milliseconds(0.019), "0.019 ms"),
        (factor(18_000.0), "18,000"),
        (factor(17_963.0), "18,000"),
        (factor(1.3), "1.3"),
        (factor(42.0), "42"),
        (percent(0.656), "66%"),
        (percent(0.996), "99.6%"),
        (percent(0.0004), "<0.1%"),
        (percent(1.0), "100%"),
        (span(16 * 3_600), "16 h"),
        (span(1_107.7), "18.5 min"),
        (span(4 * 86_400), "4 days"),
        (span(45), "45 s"),
        (counted(1, "try", "tries"), "1 try"),
        (counted(2, "try", "tries"), "2 tries"),
    ],
)
def test_figures_read_as_people_write_them(said: str, wanted: str) -> None:
    """Thousands apart, no false precision, units that fit."""
    assert said == wanted

"""The shipped case from inputs to report and exports: what it shows, and what it never shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import workbench as wb
from workbench.exports import charts, report
from workbench.exports.report import Evidence

CASE = wb.shipped("fixtures") / "cases" / "2026-02-scheduler"


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """The case loaded, scanned and measured, once."""
    bench = wb.open_bench(tmp_path_factory.mktemp("case") / "case.duckdb")
    return report.gather(bench, CASE)


@pytest.fixture(scope="module")
def shown(evidence: Evidence) -> str:
    """Everything that the report says, in both forms, and its charts."""
    parts = [
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
    blocks = [part(evidence) for part in parts]
    drawn = [
        charts.timeline(evidence.events, case=evidence.case, commits=evidence.commits),
        charts.approach(evidence.sorted_commits, evidence.hits, case=evidence.case),
    ]
    return "\n".join([*(b.html + b.markdown for b in blocks), *map(charts.svg, drawn)])


def test_it_states_what_happened(shown: str) -> None:
    """Restarts, cycle, loop arithmetic and the query's two speeds come out of the inputs."""
    for words in ("52 times", "18.5 min", "40,000 queries", "13,600 s", "3.0 ms", "0.76 s"):
        assert words in shown
    assert "342 ms an execution" in shown
    assert "18,000 times less" in shown


def test_one_commit_tells_something(evidence: Evidence) -> None:
    """Guard and shared state stand in one commit before the deploy; decoys and renames do not."""
    telling = evidence.hits.filter("telling")
    assert telling["sha"].n_unique() == 1
    assert telling["pattern"].unique().sort().to_list() == [
        "A-shared-mutable-state",
        "P-guard-removed",
    ]
    assert evidence.hits.filter("reached").height > telling.height


def test_factors_lead_to_evidence(shown: str) -> None:
    """Guard, shared state, slow query, multiplying loop: each with a link into the page."""
    factors = re.findall(r'<section class="wb-factor"><h3>(.*?)</h3>(.*?)</section>', shown)
    assert len(factors) == 4
    assert all('href="#' in body for _, body in factors)


def test_no_planted_secret_comes_out(evidence: Evidence, shown: str, tmp_path: Path) -> None:
    """Neither report nor exports hold one of the secrets that stand in the inputs."""
    wb.export(
        patterns=evidence.patterns,
        findings=evidence.scan.findings,
        funnel=evidence.scan.funnel,
        examined=evidence.scan.examined,
        to=tmp_path,
    )
    said = shown + "".join(path.read_text("utf-8") for path in tmp_path.iterdir())
    secrets = (CASE / "planted-secrets.txt").read_text("utf-8").splitlines()
    assert len(secrets) > 3
    assert [secret for secret in secrets if secret and secret in said] == []


def test_nobody_is_named(evidence: Evidence, shown: str) -> None:
    """Authors of commits are not in the report."""
    authors = evidence.commits["author"].unique().to_list()
    assert [author for author in authors if author in shown] == []

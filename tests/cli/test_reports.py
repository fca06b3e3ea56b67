"""Reports of two days in March: quiet, loud, nothing new, and what became of a finding."""

from __future__ import annotations

import importlib.util
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from workbench.cli import main
from workbench.exports.documents import check
from workbench.knowledge.ledger_findings import append_findings, read_findings
from workbench.shipped_files import shipped

MARCH = shipped("fixtures") / "histories" / "march-2026"
QUIET, LOUD = "2026-03-16", "2026-03-17"


@pytest.fixture(scope="session")
def march(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bench that holds the two days and their downstreams; nobody writes to it."""
    folder = tmp_path_factory.mktemp("march")
    spec = importlib.util.spec_from_file_location("march_history", MARCH / "upstream.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.build(folder / "upstream.git")
    bench = folder / "march.duckdb"
    for words in (
        ["load", "git", folder / "upstream.git", "--name", "upstream"],
        ["load", "downstream", *sorted((MARCH / "downstreams").iterdir())],
        ["hits", "--json"],
    ):
        with pytest.raises(SystemExit) as left:
            main([*map(str, words), "--bench", str(bench)])
        assert left.value.code == 0
    return bench


@pytest.fixture
def own(march: Path, tmp_path: Path) -> list[object]:
    """A bench and patterns of one's own, as options."""
    patterns = tmp_path / "own-patterns"
    shutil.copytree(shipped("patterns"), patterns, ignore=shutil.ignore_patterns("state"))
    (patterns / "ledger" / "findings.jsonl").unlink(missing_ok=True)
    bench = Path(shutil.copy(march, tmp_path / "bench.duckdb"))
    return ["--bench", bench, "--patterns", patterns]


def add_up(counts: dict[str, int]) -> bool:
    return (
        counts["commits"] == counts["skipped"] + counts["analysed"]
        and counts["analysed"] == counts["targeted"] + counts["full"]
        and counts["findings"] == counts["breaking"] + counts["deprecated"]
    )


def test_a_quiet_day_is_read_in_two_minutes(run: Run, own: list[object]) -> None:
    """74 commits, 60 skipped, 14 analysed, none breaking, in at most forty lines."""
    said = run("report", "daily", QUIET, *own)
    assert said.code == 0
    lines = said.out.splitlines()
    assert len(lines) <= 40
    assert lines[0] == "# Daily report, 2026-03-16"
    assert "74 commits: 60 skipped, 14 analysed" in said.out
    assert "**No breaking change.**" in said.out


def test_the_answer_adds_up(run: Run, own: list[object]) -> None:
    """The document fits its schema; its counts are those of the day."""
    document = run("report", "daily", QUIET, *own, "--json").document
    check(document, schema="report-daily")
    counts = document["counts"]
    assert add_up(counts)
    assert (counts["commits"], counts["skipped"], counts["analysed"]) == (74, 60, 14)
    assert (counts["breaking"], document["verdict"]) == (0, "quiet")
    assert len(document["analysed"]) == 14
    assert sum(row["commits"] for row in document["skipped_by"]) == 60
    assert document["kept"] is True


def test_the_second_run_reports_nothing_new(run: Run, own: list[object]) -> None:
    """The last checked commit is kept: one line of the file, and no more after the second run."""
    first = run("report", "daily", QUIET, *own, "--json").document
    kept = Path(str(own[-1])) / "state" / "checks.jsonl"
    (row,) = [json.loads(line) for line in kept.read_text().splitlines()]
    assert row["sha"] == first["repositories"][0]["last_sha"]
    again = run("report", "daily", QUIET, *own, "--json").document
    check(again, schema="report-daily")
    assert (again["verdict"], again["counts"]["commits"]) == ("nothing-new", 0)
    assert (again["already_checked"], again["findings"]) == (74, [])
    assert len(kept.read_text().splitlines()) == 1
    assert "Nothing new" in run("report", "daily", QUIET, *own).out


def test_a_report_that_nobody_could_read_checks_nothing(
    run: Run, own: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stdout is full, or whoever read it has gone: the next run reports the day again."""

    def full(markdown: str) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("workbench.cli.reports._show", full)
        assert run("report", "daily", QUIET, *own).code == 3
    assert not (Path(str(own[-1])) / "state").exists()
    assert run("report", "daily", QUIET, *own, "--json").document["counts"]["commits"] == 74


def test_the_next_day_goes_on_where_the_last_one_ended(run: Run, own: list[object]) -> None:
    """29 commits; the report says which commit was checked last before them."""
    before = run("report", "daily", QUIET, *own, "--json").document["repositories"][0]
    document = run("report", "daily", LOUD, *own, "--json").document
    check(document, schema="report-daily")
    assert document["counts"]["commits"] == 29
    assert add_up(document["counts"])
    assert document["unchecked_before"] == 0
    assert document["repositories"][0]["last_before"] == before["last_sha"]


def test_days_in_between_that_nobody_checked_are_said(run: Run, own: list[object]) -> None:
    """The day before yesterday was checked, yesterday was not."""
    run("report", "daily", "2025-12-01", *own)
    said = run("report", "daily", LOUD, *own)
    assert "74 commits between the last check and this day" in said.out
    assert run("report", "daily", QUIET, *own, "--json").document["counts"]["commits"] == 74


def test_the_loud_day_shows_the_start_that_fails(run: Run, own: list[object]) -> None:
    """One verified HIGH: the pull request, the chain to our line, a fix in one line."""
    document = run("report", "daily", LOUD, *own, "--json").document
    (found,) = [f for f in document["findings"] if f["kind"] != "deprecated"]
    assert (found["severity"], found["downstream"]) == ("HIGH", "our-harbor-executor")
    assert found["pattern"].startswith("H-")
    assert found["verified"] is True
    assert document["says"] == "1 verified HIGH."
    assert [row["pull_request"] for row in document["about"]] == [885]
    assert document["appended"] == 1
    assert found["fix"]
    ours = [step for step in found["trace"] if step["where"] == "downstream"]
    assert ours[-1]["path"] == "our_harbor_executor/executor.py"
    assert "self.slots" in ours[-1]["text"]
    (row,) = read_findings(Path(str(own[-1])))
    assert (row["verified"], row["outcome"]) == (True, None)


def test_a_period_adds_up_and_keeps_nothing(run: Run, own: list[object]) -> None:
    """The spans are days, their sums are the whole; no file is written."""
    document = run("report", "period", QUIET, LOUD, *own, "--json").document
    check(document, schema="report-period")
    assert document["counts"]["commits"] == 103
    assert [row["span"] for row in document["spans"]] == [QUIET, LOUD]
    for name, whole in document["counts"].items():
        assert sum(row[name] for row in document["spans"]) == whole
    assert not (Path(str(own[-1])) / "state").exists()
    shown = run("report", "period", QUIET, LOUD, *own).out
    assert "| 2026-03-16 | 74 | 60 | 14 |" in shown
    assert run("report", "period", LOUD, QUIET, *own).code == 2


def test_a_day_without_commits(run: Run, own: list[object]) -> None:
    """Sundays happen; what is no day is the caller's mistake."""
    document = run("report", "daily", "2026-03-29", *own, "--json").document
    check(document, schema="report-daily")
    assert (document["verdict"], document["counts"]["commits"]) == ("no-commits", 0)
    assert run("report", "daily", "tomorrow", *own).code == 2
    assert run("report", "daily", "2026-03-16T10:00:00Z", *own).code == 2
    assert run("report", "daily", QUIET, *own, "--link", "https://example.org").code == 2
    assert "workbench load git" in run("report", "daily", QUIET).err


def test_patterns_that_came_with_the_package_are_not_written_to(run: Run, march: Path) -> None:
    """Without a folder of one's own the report says that nothing is kept."""
    said = run("report", "daily", QUIET, "--bench", march, "--json")
    assert said.code == 0
    assert said.document["kept"] is False
    assert "--patterns" in said.err
    refused = run("report", "outcome", "a" * 40, "patched", "--link", "https://x.org", "--by", "me")
    assert refused.code == 2


def test_what_became_of_a_finding_is_appended(run: Run, own: list[object]) -> None:
    """An outcome needs a finding and a link; the answer is the line."""
    folder = Path(str(own[-1]))
    found: dict[str, Any] = {
        "sha": "a" * 40,
        "pattern": "C-symbol-moved-or-removed",
        "downstream": "our-run-board",
        "severity": "HIGH",
        "kind": "break",
        "path": "x.py",
        "line": 1,
        "names": ["x"],
        "verified": True,
        "message": "x is gone.",
    }
    append_findings(folder, [found], who="reviewer", when=date(2026, 3, 17), versions={})
    words = ("report", "outcome", "aaaa", "upstreamed", "--by", "reviewer", "--when", LOUD)
    words = (*words, "--patterns", str(folder))
    said = run(*words, "--link", "https://example.org/pull/9", "--json")
    assert said.code == 0
    check(said.document, schema="report-outcome")
    assert said.document["line"]["outcome"] == "upstreamed"
    assert read_findings(folder)[0]["link"] == "https://example.org/pull/9"
    assert run(*words, "--link", "nowhere").code == 2
    assert "upstreamed" in run(*words, "--link", "https://example.org/pull/9").out


def test_chains_of_fixes_are_a_document(run: Run, own: list[object]) -> None:
    """Two days without a fix have none; the answer fits its schema all the same."""
    said = run("report", "chains", *own, "--json")
    assert said.code == 0
    check(said.document, schema="report-chains")
    assert said.document["chains"] == []
    assert "0 chains" in run("report", "chains", *own).out

"""Questions to a history: triage, hits, scan, backtest, imports, as documents and on screen."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.cli.conftest import CASE, Run
from workbench.exports.documents import check
from workbench.shipped_files import shipped


def test_hits_are_the_documented_document(run: Run, bench: Path) -> None:
    """The answer fits its schema; the incident's two hits stand in it, progress does not."""
    said = run("hits", "--bench", bench, "--json")
    assert said.code == 0
    check(said.document, schema="hits")
    kinds = {h["pattern"][0] for h in said.document["hits"]}
    assert {"A", "P"} <= kinds
    examined = {e["sha"] for e in said.document["examined"]}
    assert {h["sha"] for h in said.document["hits"]} <= examined


def test_one_pattern_is_named_by_a_unique_beginning(run: Run, bench: Path) -> None:
    """`--pattern A` runs A alone; a name that does not exist lists what does."""
    said = run("hits", "--bench", bench, "--pattern", "A", "--json")
    assert {h["pattern"] for h in said.document["hits"]} == {"A-shared-mutable-state"}
    unknown = run("hits", "--bench", bench, "--pattern", "Z")
    assert unknown.code == 2
    assert "A-shared-mutable-state" in unknown.err
    assert unknown.out == ""


def test_dates_cut_the_history(run: Run, bench: Path) -> None:
    """A bare date means its beginning for --since and its end for --until."""
    every = run("triage", "--bench", bench, "--json").document["commits"]
    before = run("triage", "--bench", bench, "--until", "2026-01-15", "--json").document["commits"]
    after = run("triage", "--bench", bench, "--since", "2026-01-16", "--json").document["commits"]
    assert len(before) + len(after) == len(every)
    assert len(before) > 0 < len(after)
    assert run("triage", "--bench", bench, "--since", "soon").code == 2
    backwards = run("hits", "--bench", bench, "--since", "2026-02-01", "--until", "2026-01-01")
    assert backwards.code == 2
    assert "is not before" in backwards.err


def test_triage_counts_add_up(run: Run, bench: Path) -> None:
    """Each commit has one class and the rule that decided; 60 to 80 % are skipped."""
    document = run("triage", "--bench", bench, "--json").document
    check(document, schema="triage")
    counts = document["counts"]
    assert sum(counts.values()) == len(document["commits"])
    assert 0.6 <= counts["SKIP"] / len(document["commits"]) <= 0.8
    assert counts["FULL"] > 0


def test_hits_do_not_depend_on_downstreams(run: Run, bench: Path, tmp_path: Path) -> None:
    """The same history without any downstream gives the same hits."""
    from workbench.bench import open_bench

    with open_bench(bench).store.writing(doing="forgetting downstreams") as link:
        for table in ("downstreams", "downstream_imports", "call_sites"):
            link.execute(f"DELETE FROM {table}")
    alone = run("hits", "--bench", bench, "--json")
    assert alone.code == 0
    other = tmp_path / "other.duckdb"
    assert run("load", "case", CASE, "--bench", other).code == 0
    assert run("hits", "--bench", other, "--json").document == alone.document


def test_scan_follows_hits_to_call_sites(run: Run, bench: Path) -> None:
    """Findings fit their schema; each hop names a place; the funnel narrows."""
    said = run("scan", "--bench", bench, "--json")
    assert said.code == 0
    check(said.document, schema="scan")
    findings = said.document["findings"]
    breaks = [f for f in findings if f["kind"] == "break"]
    assert breaks
    for finding in breaks:
        assert finding["call_sites"]
        assert {step["where"] for step in finding["trace"]} == {"upstream", "downstream"}
        assert finding["verified"] is (finding["why_not"] is None)
        assert finding["review"]["to"] == finding["severity"]
    everyone = [f for f in findings if f["kind"] == "everyone"]
    assert everyone
    assert all(f["downstream"] is None for f in everyone)
    funnel = said.document["funnel"]
    assert funnel["commits"] == funnel["skipped"] + funnel["examined"]


def test_scan_fails_on_a_severity_when_asked(run: Run, bench: Path) -> None:
    """Exit code 1 is the answer "no", with the same document."""
    assert run("scan", "--bench", bench, "--fail-on", "HIGH", "--json").code == 1
    assert run("scan", "--bench", bench, "--fail-on", "CRITICAL", "--json").code == 0
    wrong = run("scan", "--bench", bench, "--fail-on", "AWFUL")
    assert wrong.code == 2
    assert "MEDIUM-HIGH" in wrong.err


def test_screens_say_the_same_as_the_documents(run: Run, bench: Path) -> None:
    """People see findings with places, counts and messages; no markup is swallowed."""
    shown = run("scan", "--bench", bench)
    assert "downstream" in shown.out
    assert "everyone" in shown.out
    hits = run("hits", "--bench", bench)
    assert "A-shared-mutable-state" in hits.out
    judged = run("backtest", "--bench", bench)
    assert "alarm rate" in judged.out
    sorted_out = run("triage", "--bench", bench)
    assert "SKIP" in sorted_out.out


def test_backtest_counts_labels_that_are_given(run: Run, bench: Path, tmp_path: Path) -> None:
    """A label on a hit commit moves precision; a dirty line is said and does not stop it."""
    hits = run("hits", "--bench", bench, "--pattern", "C", "--json").document["hits"]
    labels = tmp_path / "labels.jsonl"
    rows = [{"sha": hits[0]["sha"], "label": "breaking", "pattern": hits[0]["pattern"]}]
    labels.write_text("".join(json.dumps(row) + "\n" for row in rows) + "nonsense\n")
    said = run("backtest", "--bench", bench, "--pattern", "C", "--labels", labels, "--json")
    check(said.document, schema="backtest")
    (judged,) = said.document["patterns"]
    assert judged["labelled"] == 1
    assert judged["precision"] == 1.0
    assert 0 < judged["precision_low"] < 1
    assert "line 2" in said.err


def test_imports_are_scanned_live(run: Run) -> None:
    """Nothing is loaded and no bench is needed."""
    said = run("imports", CASE / "downstreams" / "our-executor", "--json")
    assert said.code == 0
    rows = said.document["imports"]
    assert {"module", "symbol", "path", "line", "guard"} <= set(rows[0])
    assert all(row["module"].startswith("airflow") for row in rows)


def test_a_question_without_a_bench_names_the_load_command(run: Run) -> None:
    """Readers exit with 2 and say what to do."""
    for words in (("hits",), ("scan",), ("triage",), ("backtest",)):
        said = run(*words)
        assert said.code == 2
        assert "workbench load git" in said.err


def test_a_detector_that_fails_at_run_time_is_named(run: Run, bench: Path, tmp_path: Path) -> None:
    """The others answer as they would without it, and the answer names it, too."""
    own = shutil.copytree(shipped("patterns"), tmp_path / "own")
    broken = own / "A-shared-mutable-state" / "detector.sql"
    # it is sound in the small histories where it is checked, and not in this one
    path = "CASE WHEN position > 3 THEN error('no row is right') ELSE 'p' END AS path"
    fails = f"{path}, 1 AS line, 'q' AS qualname, 't' AS target, 's' AS shared"
    broken.write_text(f"SELECT sha, {fails} FROM commits\n")
    for command in ("hits", "scan"):
        whole = run(command, "--bench", bench, "--json")
        said = run(command, "--bench", bench, "--patterns", own, "--json")
        assert said.code == 0, said.err
        check(said.document, schema=command)
        assert "failed" in said.document, said.err
        assert [f["pattern"] for f in said.document["failed"]] == ["A-shared-mutable-state"]
        assert "the detector of A-shared-mutable-state failed" in said.err
        assert "failed" not in whole.document
    assert {h["pattern"][0] for h in run("hits", "--bench", bench, "--patterns", own, "--json")
            .document["hits"]} >= {"P"}  # fmt: skip
    alone = run("hits", "--bench", bench, "--patterns", own, "--pattern", "A")
    assert alone.code == 2

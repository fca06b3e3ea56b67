"""Backtests by command: labels that are mined, a detector before this one, what is not known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from workbench.exports.documents import check
from workbench.shipped_files import shipped


def test_the_answer_holds_all_that_was_judged(run: Run, bench: Path) -> None:
    """It fits its schema; all patterns together, pairs, lead times, labels that count."""
    said = run("backtest", "--bench", bench, "--mined", "weak", "--findings", "--json")
    assert said.code == 0
    document = said.document
    check(document, schema="backtest")
    assert document["together"]["pattern"] == "together"
    labels = document["labels"]
    assert labels["given"] == sum(v for k, v in labels.items() if k != "given") > 0
    assert document["together"]["findings"] > 0
    assert all(row["known_then"] for row in document["patterns"])
    shown = run("backtest", "--bench", bench, "--mined", "weak")
    assert "together" in shown.out
    assert "hours of reading saved" in shown.out


def test_what_nobody_knew_is_said(run: Run, bench: Path, tmp_path: Path) -> None:
    """Patterns written later are judged in hindsight; labels on unknown commits are counted."""
    labels = tmp_path / "labels.jsonl"
    labels.write_text(json.dumps({"sha": "f" * 40, "label": "breaking"}) + "\n")
    words = ("backtest", "--bench", bench, "--labels", labels, "--as-of", "2025-12-20")
    said = run(*words, "--json")
    check(said.document, schema="backtest")
    assert said.document["labels"]["unknown_commit"] == 1
    assert "not counted: 1 label (on a commit that is not loaded)" in said.err
    assert "hindsight" in said.err
    assert said.document["together"] is None
    assert not any(row["known_then"] for row in said.document["patterns"])
    assert run(*words).code == 0


def test_a_repair_after_the_date_makes_no_label_known_before(
    run: Run, bench: Path, tmp_path: Path
) -> None:
    """The commit that repairs tells when the verdict could be given, even when it came later."""
    commits = run("triage", "--bench", bench, "--json").document["commits"]
    words = ("triage", "--bench", bench, "--json", "--until", "2026-01-20")
    before = [row["sha"] for row in run(*words).document["commits"]]
    cause, repair = before[0], min({row["sha"] for row in commits} - set(before))
    labels = tmp_path / "labels.jsonl"
    label = {"sha": cause, "label": "breaking", "kind": "told-later", "fixed_sha": repair}
    labels.write_text(json.dumps(label) + "\n")
    words = ("backtest", "--bench", bench, "--labels", labels, "--json")
    cut = run(*words, "--as-of", "2026-01-20")
    bare = run("backtest", "--bench", bench, "--json", "--as-of", "2026-01-20")
    none = bare.document["labels"]
    more = {name: none[name] + 1 for name in ("given", "later")}
    assert cut.document["labels"] == {**none, **more}
    assert "told-later" not in cut.document["patterns"][0]["recall"]
    assert "told-later" in run(*words).document["patterns"][0]["recall"]


def test_a_detector_is_compared_with_the_one_before(run: Run, bench: Path, tmp_path: Path) -> None:
    """The same detector gains and loses nothing; one that hits nothing loses all."""
    folder = shipped("patterns") / "A-shared-mutable-state"
    words = ("backtest", "--bench", bench, "--pattern", "A", "--against")
    same = run(*words, folder / "pattern.toml", "--json")
    assert same.document["compared"] == []
    silent = tmp_path / "before.sql"
    silent.write_text(
        "SELECT sha, path, line, qualname FROM guards_deltas WHERE change = 'nothing'"
    )
    more = run(*words, silent, "--json")
    check(more.document, schema="backtest")
    assert {row["change"] for row in more.document["compared"]} == {"gained"}
    assert len(more.document["compared"]) == more.document["patterns"][0]["hits"]
    assert "hits gained" in run(*words, silent).out
    text = tmp_path / "pattern.toml"
    text.write_text('[detector]\nkind = "text"\nremoved = "return"\n')
    assert {r["change"] for r in run(*words, text, "--json").document["compared"]} >= {"lost"}


@pytest.mark.parametrize("content", ["[other]\n", "[detector\n", "[detector]\nkind = 'sql'\n"])
def test_a_file_that_holds_no_detector_is_refused(
    run: Run, bench: Path, tmp_path: Path, content: str
) -> None:
    """The message says what one looks like; so do other options that make no sense."""
    wrong = tmp_path / "pattern.toml"
    wrong.write_text(content)
    said = run("backtest", "--bench", bench, "--pattern", "A", "--against", wrong)
    assert said.code == 2
    assert "[detector] table" in said.err
    gone = run("backtest", "--bench", bench, "--pattern", "A", "--against", tmp_path / "no.sql")
    assert gone.code == 2
    assert run("backtest", "--bench", bench, "--against", wrong).code == 2
    assert "medium" in run("backtest", "--bench", bench, "--mined", "some").err

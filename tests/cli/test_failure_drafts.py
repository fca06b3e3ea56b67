"""The command that drafts what a cluster asks for: a pattern, or a stub of a resolution."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_answers import asked
from workbench.knowledge.catalogue import open_catalogue

GONE = "ImportError: cannot import name 'Tide' from 'airflow.models'"
FULL = "OSError: [Errno 28] No space left on device: '/spool'"


@pytest.fixture
def desk(run: Run, tmp_path: Path) -> tuple[str, ...]:
    """Three failures of two kinds, and a folder of patterns that holds nothing yet."""
    trace = 'Traceback (most recent call last):\n  File "a.py", line 1\n'
    texts = {"one": GONE, "two": GONE, "three": FULL}
    rows = [json.dumps({"id": name, "text": trace + said}) for name, said in texts.items()]
    (tmp_path / "f.jsonl").write_text("\n".join(rows))
    (tmp_path / "patterns").mkdir()
    words = ("--bench", str(tmp_path / "b.duckdb"), "--patterns", str(tmp_path / "patterns"))
    assert run("load", "failures", "f.jsonl", *words[:2]).code == 0
    return words


def cluster_of(run: Run, desk: tuple[str, ...], failure: str) -> str:
    rows = asked(run, "failures", "cluster", *desk)["assignments"]
    return next(row["cluster_id"] for row in rows if row["failure_id"] == failure)


def test_a_name_that_is_gone_becomes_a_draft_of_a_pattern(
    run: Run, desk: tuple[str, ...], tmp_path: Path
) -> None:
    """Shown at first, written when asked; the catalogue then holds it as a draft, and is sound."""
    words = ("failures", "promote", cluster_of(run, desk, "one"), "--who", "kim", *desk)
    shown = asked(run, *words, "--when", "2026-02-20")
    assert (shown["kind"], shown["written"], shown["resolved"]) == ("pattern", None, 0)
    assert shown["pattern"]["names"] == ["Tide"]
    assert run(*words, "--when", "2026-02-20").out == shown["pattern"]["text"]
    assert list((tmp_path / "patterns").iterdir()) == []
    kept = asked(run, *words, "--when", "2026-02-20", "--keep")
    assert Path(kept["written"]).read_text("utf-8") == shown["pattern"]["text"]
    catalogue = open_catalogue(tmp_path / "patterns")
    pattern = catalogue.pattern(shown["pattern"]["id"])
    assert (pattern.stage, pattern.lifecycle.created) == ("draft", date(2026, 2, 20))
    assert catalogue.check() == ()
    assert run(*words, "--keep").code == 2


def test_anything_else_becomes_a_stub(run: Run, desk: tuple[str, ...], tmp_path: Path) -> None:
    """It names the command that says what was done; nothing is written, with --keep neither."""
    named = cluster_of(run, desk, "three")
    words = ("failures", "promote", named[:6], "--who", "kim", *desk)
    shown = asked(run, *words, "--keep")
    assert (shown["cluster_id"], shown["kind"], shown["written"]) == (named, "resolution", None)
    assert shown["resolution"]["failures"] == 1
    assert shown["resolution"]["command"] in run(*words).out
    assert not any(file.is_file() for file in (tmp_path / "patterns").rglob("*"))
    assert run(*words, "--to", "pattern").code == 2


def test_what_is_promoted_though_somebody_spoke_of_it_is_told(
    run: Run, desk: tuple[str, ...]
) -> None:
    """One of two has a resolution: that is said, and counted."""
    said = run("failures", "resolve", "one", "--done", "pinned it", "--who", "kim", *desk)
    assert said.code == 0
    words = ("failures", "promote", cluster_of(run, desk, "two"), "--who", "kim", *desk)
    assert asked(run, *words)["resolved"] == 1
    assert "1 of these 2 failures have a verdict already" in run(*words).err


def test_what_is_resolved_is_no_stub_unless_asked_for(run: Run, desk: tuple[str, ...]) -> None:
    """The memory knows it: exit code 2, with the command that shows what it knows."""
    said = run("failures", "resolve", "three", "--done", "freed it", "--who", "kim", *desk)
    assert said.code == 0
    words = ("failures", "promote", cluster_of(run, desk, "three"), "--who", "kim", *desk)
    refused = run(*words)
    assert refused.code == 2
    assert "failures match" in refused.err
    assert asked(run, *words, "--to", "resolution")["resolved"] == 1


@pytest.mark.parametrize("name", ["", "C-", "nobody"])
def test_a_name_means_one_cluster(run: Run, desk: tuple[str, ...], name: str) -> None:
    """None, or several: exit code 2, and how many fit."""
    said = run("failures", "promote", name, "--who", "kim", *desk)
    assert said.code == 2
    assert "of the 2 clusters" in said.err

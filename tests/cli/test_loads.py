"""Loading from the command line: counts, repeats, refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import CASE, Run
from workbench.exports.documents import check


def test_a_case_loads_whole_and_a_second_time_adds_nothing(run: Run, bench: Path) -> None:
    """All inputs by name; again: everything is there already, nothing is refused."""
    again = run("load", "case", CASE, "--bench", bench, "--json")
    assert again.code == 0
    check(again.document, schema="load")
    assert again.document["loaded"] == 0
    assert again.document["rejected"] == 0
    assert again.document["unchanged"] > 0
    assert set(again.document["inputs"]) >= {"events.json", "loops.csv", "upstream.py"}


def test_two_downstreams_with_one_name_load_nothing(run: Run, tmp_path: Path) -> None:
    """The caller is told, and no bench is made."""
    for folder in ("a/ours", "b/ours"):
        (tmp_path / folder).mkdir(parents=True)
    said = run("load", "downstream", "a/ours", "b/ours", "--bench", "x.duckdb")
    assert said.code == 2
    assert "called ours; nothing was loaded" in said.err
    assert not (tmp_path / "x.duckdb").exists()


def test_a_downstream_takes_the_name_it_is_given(run: Run, tmp_path: Path) -> None:
    """NAME=REPO; the folder's name without .git otherwise; a reload changes nothing."""
    ours = CASE / "downstreams" / "our-executor"
    said = run("load", "downstream", f"theirs={ours}", ours, "--bench", "x.duckdb", "--json")
    assert set(said.document["inputs"]) == {"theirs", "our-executor"}
    again = run("load", "downstream", ours, "--bench", "x.duckdb", "--json")
    assert again.document["loaded"] == 0
    assert again.document["unchanged"] > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("load", "git", "nowhere"), "nowhere"),
        (("load", "case", "nowhere"), "case.toml"),
        (("load", "timeline", "nowhere.csv"), "nowhere.csv"),
        (("load", "failures", "nowhere"), "nowhere"),
        (("load", "stats", "nowhere.csv"), "nowhere.csv"),
        (("load", "downstream", "nowhere"), "nowhere"),
        (("load", "releases", "one", "1.0"), "Two or more"),
    ],
)
def test_an_input_that_is_not_there_is_the_callers_mistake(
    run: Run, words: tuple[str, ...], said: str
) -> None:
    """Exit code 2, the path in the message, nothing on stdout."""
    answer = run(*words, "--bench", "x.duckdb", "--json")
    assert answer.code == 2
    assert said in answer.err
    assert answer.out == ""


def test_a_history_is_not_mixed_with_another_scope(run: Run, tmp_path: Path) -> None:
    """Loading the same name with other files asked for is refused with the way out."""
    import subprocess
    import sys

    subprocess.run([sys.executable, CASE / "upstream.py", tmp_path / "up.git"], check=True)
    assert run("load", "git", "up.git", "--no-facts").code == 0
    refused = run("load", "git", "up.git", "--core-only")
    assert refused.code == 2
    assert "under another --name" in refused.err
    assert run("load", "git", "up.git", "--core-only", "--name", "core", "--no-facts").code == 0
    first = run("load", "git", "up.git", "--no-facts", "--json").document
    assert first["loaded"] == 0
    assert first["unchanged"] > 0


def test_rewritten_history_is_forgotten_and_said(run: Run, tmp_path: Path) -> None:
    """After a force push the commits that left the branch are gone, the others stay."""
    import subprocess
    import sys

    subprocess.run([sys.executable, CASE / "upstream.py", tmp_path / "up.git"], check=True)
    whole = run("load", "git", "up.git", "--json").document["loaded"]
    head = subprocess.run(
        ["git", "-C", "up.git", "symbolic-ref", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    subprocess.run(["git", "-C", "up.git", "update-ref", head, "HEAD~3"], check=True)
    said = run("load", "git", "up.git")
    assert said.code == 0
    assert "3 commits left the branch" in said.err
    kept = run("triage", "--json").document["commits"]
    assert len(kept) == whole - 3

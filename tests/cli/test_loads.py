"""Loading from the command line: counts, repeats, refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import Commit, make_repository
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


def _repository(folder: Path, *subjects: str) -> Path:
    """A small repository with one commit for each subject."""
    commits = [Commit(files={"pkg/a.py": f"A = {n}\n"}, message=s) for n, s in enumerate(subjects)]
    folder.parent.mkdir(parents=True, exist_ok=True)
    make_repository(folder, commits)
    return folder


def test_another_history_of_the_same_name_is_refused(run: Run, tmp_path: Path) -> None:
    """What was loaded stays; the way out is named."""
    _repository(tmp_path / "one" / "up", "a", "b", "c")
    _repository(tmp_path / "two" / "up", "x", "y")
    assert run("load", "git", "one/up", "--no-facts").code == 0
    refused = run("load", "git", "two/up", "--no-facts")
    assert refused.code == 2
    assert "share no commit" in refused.err
    assert len(run("triage", "--json").document["commits"]) == 3


def test_a_shallow_clone_forgets_nothing_and_its_new_commits_go_on(
    run: Run, tmp_path: Path
) -> None:
    """What lies behind the edge has not left the branch; places on the line stay in order."""
    import subprocess

    _repository(tmp_path / "up", "a", "b", "c", "d")
    subprocess.run(["git", "-C", "up", "update-ref", "refs/heads/main", "main~1"], check=True)
    assert run("load", "git", "up", "--no-facts").code == 0
    _repository(tmp_path / "again", "a", "b", "c", "d")
    clone = ["git", "clone", "-q", "--bare", "--depth", "2", f"file://{tmp_path}/again", "sh.git"]
    subprocess.run(clone, check=True)
    said = run("load", "git", "sh.git", "--name", "up", "--no-facts", "--json")
    assert said.code == 0, said.err
    assert said.document["loaded"] == 1
    from workbench.bench import open_bench

    commits = open_bench("workbench.duckdb").history().commits
    assert commits.sort("position")["subject"].to_list() == ["a", "b", "c", "d"]
    assert commits["position"].to_list() == [0, 1, 2, 3]


def test_a_file_that_is_read_again_replaces_its_rows(run: Run, tmp_path: Path) -> None:
    """An edited note, a new count: the old wording does not stay beside the new one."""
    head = "at_utc,source,kind,text\n"
    notes = tmp_path / "notes.csv"
    notes.write_text(head + "2026-02-10T06:00:00Z,notes,note,first wording\nbroken\n")
    first = run("load", "timeline", "notes.csv", "--json").document
    assert (first["loaded"], first["rejected"]) == (1, 1)
    notes.write_text(head + "2026-02-10T06:00:00Z,notes,note,better wording\n")
    again = run("load", "timeline", "notes.csv", "--json").document
    assert (again["loaded"], again["unchanged"], again["rejected"]) == (1, 0, 0)
    from workbench.bench import open_bench

    bench = open_bench("workbench.duckdb")
    assert bench.timeline()["text"].to_list() == ["better wording"]
    assert bench.rejections().is_empty()


def test_a_downstream_is_not_replaced_by_another_of_its_name(run: Run, tmp_path: Path) -> None:
    """In two calls as in one; when the first has moved, it is the same one."""
    for folder in ("p1/core", "p2/core"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.py").write_text("import airflow.models\n")
    assert run("load", "downstream", "p1/core").code == 0
    refused = run("load", "downstream", "p2/core")
    assert refused.code == 2
    assert "NAME=REPO" in refused.err
    (tmp_path / "p1").rename(tmp_path / "p3")
    assert run("load", "downstream", "p3/core").code == 0


def test_one_repository_that_is_gone_does_not_stop_the_others(run: Run, tmp_path: Path) -> None:
    """Hits answer for what is there and say what is missing."""
    import shutil

    gone = _repository(tmp_path / "gone", "a", "b")
    _repository(tmp_path / "here", "x", "y", "z")
    assert run("load", "git", "gone", "--no-facts").code == 0
    shutil.rmtree(gone)
    assert run("load", "git", "here").code == 0
    said = run("hits", "--json")
    assert said.code == 0
    assert "load it again" in said.err


def test_the_terminal_is_not_steered_by_a_commit(run: Run, tmp_path: Path) -> None:
    """Escapes in paths and subjects come out as text."""
    _repository(tmp_path / "up", "a")
    text = "def wanted():\n    return 1\n"
    commits = [
        Commit(files={"pkg/\x1b[31mred.py": text}),
        Commit(files={"pkg/\x1b[31mred.py": "X = 1\n"}, message="two \x1b[31mRED"),
    ]
    make_repository(tmp_path / "loud", commits)
    assert run("load", "git", "loud").code == 0
    shown = run("hits", "--pattern", "C")
    assert "\x1b" not in shown.out
    assert "wanted" in shown.out

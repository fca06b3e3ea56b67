"""Commands on numbers, text and knowledge; the options that stand before a command."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Run
from workbench.shipped_files import shipped


def test_the_loop_of_the_public_account(run: Run) -> None:
    """13,600 s; 3.0 ms; units stand in the names."""
    said = run(
        *("scale", "loop", "--n-tis", 2000, "--n-dagruns", 20, "--per-query-seconds", 0.34),
        *("--budget-seconds", 120, "--json"),
    )
    document = said.document
    assert round(document["loop_seconds"], 6) == 13_600
    assert round(document["budget_per_query_ms"], 9) == 3.0
    assert document["within_budget"] is False
    shown = run("scale", "loop", "--n-tis", 1, "--n-dagruns", 1, "--per-query-seconds", 0.1)
    assert "within the limit" in shown.out


def test_a_number_that_is_none_is_the_callers_mistake(run: Run) -> None:
    """The option's own check, or the model's, exits with 2."""
    words = ("scale", "loop", "--n-tis", 1, "--n-dagruns", 1, "--per-query-seconds")
    assert run(*words, "fast").code == 2
    assert run(*words, "-1").code == 2


def test_redact_keeps_every_other_byte(run: Run, tmp_path: Path) -> None:
    """Lines without a secret, broken encodings and line ends come out as they went in."""
    plain = b"first\r\n\xff\xfe broken\npassword=hunter2-and-more\nlast"
    (tmp_path / "x.log").write_bytes(plain)
    command = [sys.executable, "-m", "workbench.cli", "redact", "x.log"]
    out = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path).stdout
    lines = out.split(b"\n")
    assert lines[:2] == plain.split(b"\n")[:2]
    assert lines[3] == b"last"
    assert b"hunter2-and-more" not in out
    assert lines[2].startswith(b"password=<secret:")
    assert run("redact", "nowhere.log").code == 2


def test_doctor_says_what_is_there(run: Run) -> None:
    """Git and the packages of the main job are found."""
    said = run("doctor", "--json")
    found = {c["name"]: c for c in said.document["checks"]}
    assert found["git"]["ok"]
    assert found["duckdb"]["ok"]
    assert said.code == 0
    assert "python" in run("doctor").out


def test_patterns_are_checked_listed_and_shown(run: Run) -> None:
    """The shipped library is sound."""
    assert run("patterns", "check", "--json").document["problems"] == []
    listed = run("patterns", "list", "--json").document["patterns"]
    assert [p["pattern"][0] for p in listed] == [*"ABCDEFGHIJKLMNOPQR"]
    assert {p["stage"] for p in listed} == {"trial"}
    shown = run("patterns", "show", "A")
    assert "Origins:" in shown.out
    assert run("patterns", "show", "A", "--json").document["pattern"]["id"].startswith("A-")
    assert "A-shared" in run("patterns", "list").out


def test_every_problem_of_a_library_is_listed_and_the_answer_is_no(
    run: Run, tmp_path: Path
) -> None:
    """Exit code 1, file, key and line."""
    ours = tmp_path / "patterns"
    shutil.copytree(shipped("patterns"), ours)
    file = next(ours.glob("A-*/pattern.toml"))
    file.write_text(file.read_text().replace("severity", "severty", 1))
    said = run("patterns", "check", "--json")
    assert said.code == 1
    (problem, *_) = said.document["problems"]
    assert problem["path"].endswith("pattern.toml")
    assert problem["line"] > 0
    assert "severty" in run("patterns", "check").out


def test_export_without_a_bench_writes_the_library(run: Run, tmp_path: Path) -> None:
    """A missing bench counts as empty; SARIF without results is still written."""
    said = run("export", "--to", "dist", "--json")
    assert said.code == 0
    names = [Path(f).relative_to("dist").as_posix() for f in said.document["files"]]
    assert [n for n in names if "/" not in n] == [
        "findings.json",
        "findings.sarif",
        "patterns.json",
    ]
    assert "airflow-state-store/SKILL.md" in names
    assert all((tmp_path / "dist" / n).exists() for n in names)


def test_export_of_the_skill_alone(run: Run, tmp_path: Path) -> None:
    """The shipped rules and reference make a bundle; a folder without DAG rules has none."""
    said = run("export", "--to", "dist", "--format", "skill", "--json")
    assert said.code == 0
    assert [f.name for f in (tmp_path / "dist").iterdir()] == ["airflow-state-store"]
    assert len(said.document["files"]) == 6
    (tmp_path / "bare").mkdir()
    without = run("export", "--to", "none", "--patterns", "bare")
    assert (without.code, "no dag-rules" in without.err) == (0, True)
    assert run("export", "--to", "x", "--patterns", "bare", "--format", "skill").code == 2
    assert not (tmp_path / "x").exists()


def test_export_is_the_same_bytes_twice(run: Run, bench: Path, tmp_path: Path) -> None:
    """Deterministic whatever ran before."""
    for folder in ("one", "two"):
        assert run("export", "--to", folder, "--bench", bench).code == 0
    files = [f for f in (tmp_path / "one").rglob("*") if f.is_file()]
    assert len(files) > 3
    for file in files:
        assert (
            file.read_bytes()
            == (tmp_path / "two" / file.relative_to(tmp_path / "one")).read_bytes()
        )


def test_options_may_stand_before_the_command(run: Run, bench: Path) -> None:
    """--bench and --json mean the same on both sides."""
    before = run("--bench", bench, "--json", "triage")
    after = run("triage", "--bench", bench, "--json")
    assert before.document == after.document


def test_version_and_unknown_commands(run: Run) -> None:
    """The version is printed; a command that does not exist is the caller's mistake."""
    assert run("--version").out.strip().count(".") == 2
    assert run("nonsense").code == 2


def test_an_argument_that_is_no_text_is_refused(run: Run) -> None:
    """A name that is not UTF-8 is shown escaped, with what to do."""
    for words in (("load", "git", "caf\udce9"), ("load", "timeline", "n\udce9.csv")):
        said = run(*words)
        assert said.code == 2
        assert "is not UTF-8" in said.err
        assert "\\udce9" in said.err


def test_a_folder_that_is_a_file_is_refused(run: Run, tmp_path: Path) -> None:
    """Nothing is written over it."""
    (tmp_path / "here").write_text("mine")
    for words in (("export", "--to", "here"), ("demo", "--offline", "--to", "here/below")):
        said = run(*words)
        assert said.code == 2
        assert "is no folder" in said.err
    assert (tmp_path / "here").read_text() == "mine"


def test_dates_at_the_end_of_time_are_refused(run: Run, bench: Path) -> None:
    """A date that no clock can hold is the caller's mistake."""
    for words in (("--until", "9999-12-31"), ("--since", "0001-01-01T00:00:00+14:00")):
        assert run("triage", "--bench", bench, *words).code == 2

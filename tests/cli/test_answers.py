"""Every answer of a command on cases, patterns, numbers and exports fits its schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CASE, Run
from workbench.exports.documents import check

PATTERN = "A-shared-mutable-state"
ENDINGS = (".ipynb", ".html", ".md")


def asked(run: Run, *words: object, code: int = 0) -> dict[str, Any]:
    """The document of a command, checked against the schema that its format names."""
    said = run(*words, "--json")
    assert said.code == code, said.err
    document = said.document
    check(document, schema=document["format"].removeprefix("workbench."))
    return document


def test_the_shipped_patterns_have_no_problem(run: Run) -> None:
    """A sound folder is answered with an empty list."""
    assert asked(run, "patterns", "check")["problems"] == []


def test_a_problem_names_its_place(run: Run, tmp_path: Path) -> None:
    """A file that cannot be read is answered with path, place and words, and exit code 1."""
    folder = tmp_path / "patterns"
    (folder / PATTERN).mkdir(parents=True)
    (folder / PATTERN / "pattern.toml").write_text('id = "B"\nversion = "one"\n', "utf-8")
    document = asked(run, "patterns", "check", "--patterns", folder, code=1)
    assert any(PATTERN in problem["path"] for problem in document["problems"])
    (folder / PATTERN / "pattern.toml").write_text("id = [", "utf-8")
    assert asked(run, "patterns", "check", "--patterns", folder, code=1)["problems"]


def test_patterns_are_listed_and_shown(run: Run) -> None:
    """Every pattern of the list can be shown whole."""
    listed = [row["pattern"] for row in asked(run, "patterns", "list")["patterns"]]
    assert PATTERN in listed
    for name in listed:
        assert asked(run, "patterns", "show", name)["pattern"]["id"] == name


@pytest.mark.parametrize(("seconds", "within"), [(0.34, False), (0.000_019, True)])
def test_a_loop_is_answered_with_its_budget(run: Run, seconds: float, *, within: bool) -> None:
    """Figures, budget and break-even values, with and without the index."""
    words = ("--n-tis", 2_000, "--n-dagruns", 20, "--per-query-seconds", seconds)
    assert asked(run, "scale", "loop", *words)["within_budget"] is within


def test_the_doctor_lists_what_it_looked_for(run: Run) -> None:
    """Python stands first, and it is there."""
    first = asked(run, "doctor")["checks"][0]
    assert (first["name"], first["ok"], first["needed"]) == ("python", True, True)


def test_imports_of_a_tree(run: Run, tmp_path: Path) -> None:
    """Names, whole modules and guarded imports are all told."""
    tree = tmp_path / "dags"
    tree.mkdir()
    source = "import airflow.models\ntry:\n    from airflow.sdk import DAG\nexcept ImportError:\n"
    (tree / "orders.py").write_text(f"{source}    DAG = None\n", "utf-8")
    rows = asked(run, "imports", tree)["imports"]
    assert [(r["module"], r["symbol"], r["line"]) for r in rows] == [
        ("airflow.models", None, 1),
        ("airflow.sdk", "DAG", 3),
    ]


def test_an_export_lists_files_and_losses(run: Run, bench: Path, tmp_path: Path) -> None:
    """Every file that is named is there."""
    document = asked(run, "export", "--bench", bench, "--to", tmp_path / "out")
    assert document["losses"]
    assert all(Path(file).is_file() for file in document["files"])


def test_a_post_mortem_names_its_files(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Notebook, page and Markdown; that they are written is shown by the demonstration below."""

    def names(folder: Path, *, bench: Path, to: Path, patterns: Path | None) -> list[Path]:
        assert (folder, bench, patterns) == (CASE, tmp_path / "b.duckdb", None)
        return [to / f"post-mortem{ending}" for ending in ENDINGS]

    monkeypatch.setattr("workbench.exports.postmortem.write_postmortem", names)
    words = ("postmortem", CASE, "--bench", tmp_path / "b.duckdb", "--to", tmp_path)
    written = asked(run, *words)["written"]
    assert written == [str(tmp_path / f"post-mortem{ending}") for ending in ENDINGS]


def test_a_demonstration(run: Run, tmp_path: Path) -> None:
    """Offline it says what was left out; every file that is named is there."""
    document = asked(run, "demo", "--offline", "--to", tmp_path / "demo")
    assert document["releases"] == {"skipped": "asked to stay offline"}
    written = [Path(file) for file in document["written"]]
    assert all(file.is_file() for file in written)
    assert [file.suffix for file in written[-3:]] == list(ENDINGS)

"""Rule files are read in their order, with every problem at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.domain.patterns import HotPath, PathRule
from workbench.knowledge.rule_files import read_coupling, read_hot_paths, read_triage

TRIAGE = """
[[rule]]
id = "docs"
globs = ["**/docs/**", "!**/docs/keep.py"]
means = "SKIP"
why = "Nothing runs it."
[[rule]]
id = "ui"
globs = ["ui/**"]
means = "SKIP"
why = "Nobody imports it."
"""


def test_reads_each_kind(tmp_path: Path) -> None:
    """Rules stay in the order in which they are tried."""
    (tmp_path / "triage.toml").write_text(TRIAGE)
    (tmp_path / "coupling.toml").write_text(
        '[[rule]]\nid = "models"\nglobs = ["airflow.models*"]\nmeans = "orm"\n'
    )
    (tmp_path / "hot-paths.toml").write_text(
        '[[path]]\nqualname = "airflow.jobs.*"\n'
        'multiplicity = "per-loop"\nwhy = "The loop itself."\n'
    )
    docs = ("**/docs/**", "!**/docs/keep.py")
    assert read_triage(tmp_path).rules == (
        PathRule(id="docs", globs=docs, means="SKIP", why="Nothing runs it."),
        PathRule(id="ui", globs=("ui/**",), means="SKIP", why="Nobody imports it."),
    )
    assert read_coupling(tmp_path).rules == (
        PathRule(id="models", globs=("airflow.models*",), means="orm"),
    )
    assert read_hot_paths(tmp_path).rules == (
        HotPath(qualname="airflow.jobs.*", multiplicity="per-loop", why="The loop itself."),
    )


def test_a_file_that_is_not_there_holds_no_rules(tmp_path: Path) -> None:
    """A library without triage skips nothing; that is no problem of its."""
    assert read_triage(tmp_path).rules == ()
    assert read_triage(tmp_path).problems == ()


@pytest.mark.parametrize(
    ("text", "line", "key", "expected"),
    [
        pytest.param(
            TRIAGE.replace('"ui"', '"docs"'),
            8,
            "rule[1].id",
            "'docs' is already rule number 1.",
            id="one id twice",
        ),
        pytest.param(
            TRIAGE.replace('means = "SKIP"', 'means = "SKIPP"', 1),
            5,
            "rule[0].means",
            "'SKIPP' is not one of SKIP.",
            id="another word",
        ),
        pytest.param(
            TRIAGE.replace("globs", "glob", 1), 4, "rule[0].glob", "Unknown key 'glob'.", id="key"
        ),
        pytest.param(
            TRIAGE.replace('"ui/**"', '"/ui/**"'),
            9,
            "rule[1].globs[0]",
            "'/ui/**' has the wrong form.",
            id="absolute glob",
        ),
        pytest.param("rule = 1", 1, "rule", "1 is not a list.", id="no list"),
        pytest.param("[[rule]\n", 1, "", "Is no TOML:", id="no TOML"),
    ],
)
def test_problems(tmp_path: Path, text: str, line: int, key: str, expected: str) -> None:
    """A file with a problem gives none of its rules: half a triage would skip the wrong things."""
    (tmp_path / "triage.toml").write_text(text)
    read = read_triage(tmp_path)
    assert read.rules == ()
    found = [p for p in read.problems if p.key == key]
    assert [p.line for p in found] == [line]
    assert found[0].what.startswith(expected)


def test_a_link_out_of_the_folder_is_not_read(tmp_path: Path) -> None:
    """Rules come from the folder that was named."""
    (tmp_path / "triage.toml").write_text(TRIAGE)
    inner = tmp_path / "patterns"
    inner.mkdir()
    (inner / "triage.toml").symlink_to(tmp_path / "triage.toml")
    assert "Leads out of" in read_triage(inner).problems[0].what

"""Labels are read line by line; a line that is none takes no other with it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain.patterns import Label
from workbench.errors import SourceError
from workbench.knowledge.labels import VERDICTS, read_labels
from workbench.shipped_files import shipped

SHA = "d98a20a09b" + "0" * 30


def test_reads_labels_and_keeps_what_else_they_say(tmp_path: Path) -> None:
    """A label has a sha, a verdict and perhaps a pattern; other keys stay with it."""
    file = tmp_path / "labels.jsonl"
    file.write_text(
        f'{{"sha": "{SHA}", "label": "breaking", "pattern": "A-x", "by": "reviewer"}}\n\n'
        '{"sha": "release:3.1.6..3.1.7", "label": "missed"}\n'
    )
    labels, rejections = read_labels(file)
    assert labels == (
        Label(sha=SHA, label="breaking", pattern="A-x", extra={"by": "reviewer"}),
        Label(sha="release:3.1.6..3.1.7", label="missed"),
    )
    assert rejections == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param('{"sha": "', "Is no JSON", id="torn"),
        pytest.param("[1]", "Is no JSON object.", id="a list"),
        pytest.param('{"label": "breaking"}', "sha is None", id="no sha"),
        pytest.param('{"sha": "d98a20a", "label": "breaking"}', "40 hex digits", id="short sha"),
        pytest.param(f'{{"sha": "{SHA}"}}', "label is None", id="no verdict"),
        pytest.param(
            f'{{"sha": "{SHA}", "label": "harmles"}}', "Did you mean 'harmless'?", id="misspelt"
        ),
        pytest.param(
            f'{{"sha": "{SHA}", "label": "unsure", "pattern": 3}}', "pattern is 3", id="pattern"
        ),
        pytest.param(
            f'{{"sha": "{SHA}", "label": "missed", "when": "yesterday"}}', "no date", id="no date"
        ),
        pytest.param("\udcff", "Is no JSON", id="not UTF-8"),
    ],
)
def test_a_bad_line_is_set_aside_with_its_number(tmp_path: Path, line: str, reason: str) -> None:
    """The lines around a bad one are labels all the same."""
    good = json.dumps({"sha": SHA, "label": "harmless"})
    file = tmp_path / "labels.jsonl"
    file.write_bytes(f"{good}\n{line}\n{good}".encode(errors="surrogateescape"))
    labels, rejections = read_labels(file)
    assert len(labels) == 2
    assert [(r.path, r.at) for r in rejections] == [(file.as_posix(), "line 2")]
    assert reason in rejections[0].reason


def test_a_file_that_is_not_there_is_the_callers_mistake(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(SourceError, match=r"none\.jsonl"):
        read_labels(tmp_path / "none.jsonl")


def test_two_branches_append_to_one_ledger(tmp_path: Path) -> None:
    """git keeps the lines of both without a conflict."""
    (tmp_path / ".gitattributes").write_bytes(
        (shipped("patterns") / "ledger/.gitattributes").read_bytes()
    )
    ledger = tmp_path / "labels.jsonl"
    _git(tmp_path, "init", "-q", "-b", "main")
    for branch, verdict in (("main", "unsure"), ("one", "breaking"), ("other", "harmless")):
        if branch != "main":
            _git(tmp_path, "checkout", "-q", "-b", branch, "main")
        with ledger.open("a") as file:
            file.write(json.dumps({"sha": SHA, "label": verdict}) + "\n")
        _git(tmp_path, "add", "-A")
        _git(tmp_path, "commit", "-q", "-m", branch)
    _git(tmp_path, "merge", "-q", "one", "-m", "both")
    labels, rejections = read_labels(ledger)
    assert sorted(label.label for label in labels) == ["breaking", "harmless", "unsure"]
    assert not rejections


def _git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=reviewer", "-c", "user.email=reviewer@example.org")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@given(st.lists(st.tuples(st.sampled_from(VERDICTS), st.none() | st.text(max_size=5)), max_size=5))
def test_every_written_label_comes_back(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str | None]]
) -> None:
    """Whatever pattern a label names, writing and reading gives the same label."""
    file = tmp_path_factory.mktemp("labels") / "labels.jsonl"
    rows = [{"sha": SHA, "label": verdict, "pattern": pattern} for verdict, pattern in said]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    labels, rejections = read_labels(file)
    assert [(label.label, label.pattern) for label in labels] == said
    assert not rejections

"""The catalogue answers from the files as they are; a pattern with a problem stops no other."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.knowledge.pattern_folders import SOUND, write_pattern
from workbench.errors import PatternError, UnknownNameError
from workbench.knowledge.catalogue import Catalogue, open_catalogue

SHA = "d98a20a09b" + "0" * 30
RETIRED = {
    "stage": "retired",
    "lifecycle": SOUND["lifecycle"]
    | {"retired": SOUND["lifecycle"]["reviewed"], "reason": "Only noise, ever."},
}


def _library(root: Path) -> Catalogue:
    """A and AB run, D is a draft, R is a tombstone, W is wrong."""
    write_pattern(root, {"id": "A-shared-state"})
    write_pattern(root, {"id": "AB-other"})
    write_pattern(root, {"id": "D-draft", "stage": "draft"})
    write_pattern(root, _retired({"id": "R-old"}, heir="A-shared-state"))
    write_pattern(root, {"id": "W-wrong", "severity": "BAD"})
    return open_catalogue(root)


def _retired(changes: dict[str, Any], *, heir: str) -> dict[str, Any]:
    life = RETIRED["lifecycle"] | {"replaced_by": heir}
    return RETIRED | changes | {"lifecycle": life}


def test_patterns_that_run_unless_others_are_named(tmp_path: Path) -> None:
    """Drafts and tombstones run only when named; what is wrong never does."""
    library = _library(tmp_path)
    assert [p.id for p in library.patterns()] == ["A-shared-state", "AB-other"]
    everything = ["A-shared-state", "AB-other", "D-draft", "R-old"]
    assert [p.id for p in library.patterns(running=False)] == everything
    assert [p.id for p in library.patterns(["R", "D-draft", "D"])] == ["D-draft", "R-old"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("A-shared-state", "A-shared-state"),
        ("A", "A-shared-state"),
        ("AB", "AB-other"),
        ("D", "D-draft"),
    ],
)
def test_a_name_may_be_cut(tmp_path: Path, name: str, expected: str) -> None:
    """A whole first word wins over a longer one that begins alike."""
    assert _library(tmp_path).pattern(name).id == expected


def test_names_that_mean_nothing_or_too_much(tmp_path: Path) -> None:
    """The error says what there is."""
    library = _library(tmp_path)
    with pytest.raises(UnknownNameError, match="Known: A-shared-state, AB-other, D-draft, R-old"):
        library.pattern("zzz")
    with pytest.raises(UnknownNameError, match="Did you mean 'D-draft'"):
        library.pattern("d-drft")
    write_pattern(tmp_path, {"id": "A-second"})
    with pytest.raises(UnknownNameError, match="may mean A-second, A-shared-state"):
        library.pattern("A")
    with pytest.raises(UnknownNameError):
        library.pattern("")


def test_a_pattern_that_is_wrong_says_why_when_it_is_named(tmp_path: Path) -> None:
    """It is there, so it is not unknown."""
    with pytest.raises(PatternError, match="line 5, severity: 'BAD' is not one of") as raised:
        _library(tmp_path).patterns(["W"])
    assert len(raised.value.problems) == 1


def test_an_edited_file_counts_at_once(tmp_path: Path) -> None:
    """An author saves a detector and runs it; nothing is opened again."""
    library = _library(tmp_path)
    first = library.pattern("A")
    assert library.pattern("A") is first
    write_pattern(tmp_path, {"id": "A-shared-state", "version": 2, "title": "Another title"})
    assert library.pattern("A").version == 2
    (tmp_path / "A-shared-state/pattern.toml").unlink()
    assert [p.id for p in library.patterns()] == ["AB-other"]


def test_a_folder_that_did_not_change_is_read_once_by_a_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens the catalogue again; a relative path means another folder elsewhere."""
    for name, title in (("one", "The first"), ("two", "The second")):
        write_pattern(tmp_path / name / "patterns", {"id": "A-shared-state", "title": title})
    monkeypatch.chdir(tmp_path / "one")
    first = open_catalogue("patterns").pattern("A")
    assert open_catalogue("patterns").pattern("A") is first
    assert open_catalogue(tmp_path / "one/patterns").pattern("A").folder != first.folder
    monkeypatch.chdir(tmp_path / "two")
    assert open_catalogue("patterns").pattern("A").title == "The second"


def test_what_is_wrong_with_an_example_keeps_no_pattern_from_running(tmp_path: Path) -> None:
    """It is a problem of the library all the same, until it is mended."""
    library = _library(tmp_path)
    library.problems()
    (tmp_path / "A-shared-state/examples/stray").mkdir()
    assert library.pattern("A").id == "A-shared-state"
    assert {Path(p.where.path).parent.name for p in library.unsound()} == {"W-wrong"}
    assert "Is no example of its pattern.toml." in {p.what for p in library.problems()}
    (tmp_path / "A-shared-state/examples/stray").rmdir()
    assert {Path(p.where.path).parent.name for p in library.problems()} == {"W-wrong"}


def test_problems_of_the_set(tmp_path: Path) -> None:
    """Two patterns with one id, and a tombstone that points nowhere."""
    write_pattern(tmp_path, {"id": "A-shared-state"})
    write_pattern(tmp_path, {"id": "A-shared-state"}, folder="B-copy")
    write_pattern(tmp_path, _retired({"id": "R-old"}, heir="A-shared-stat"))
    write_pattern(tmp_path, _retired({"id": "S-old"}, heir="none"))
    said = [str(p).removeprefix(f"{tmp_path.as_posix()}/") for p in Catalogue(tmp_path).problems()]
    assert said == [
        "B-copy/pattern.toml: line 1, id: The id 'A-shared-state' is not the folder's name"
        " 'B-copy'. Rename one of them; an id is never reused.",
        "B-copy/pattern.toml: line 1, id: The id 'A-shared-state' is that of"
        f" {tmp_path}/A-shared-state too.",
        "R-old/pattern.toml: line 12, lifecycle.replaced_by: There is no pattern 'A-shared-stat'."
        " Did you mean 'A-shared-state'?",
    ]
    assert [p.id for p in Catalogue(tmp_path).patterns()] == ["A-shared-state"]


def test_folders_that_are_no_patterns(tmp_path: Path) -> None:
    """The library's own folders, hidden ones and files are left alone; others must be patterns."""
    for name in ("ledger", "invariants", "suites", "state", "dag-rules", ".git"):
        (tmp_path / name).mkdir()
    (tmp_path / "README.md").write_text("read me")
    assert Catalogue(tmp_path).problems() == ()
    (tmp_path / "stray").mkdir()
    assert [p.what for p in Catalogue(tmp_path).problems()] == ["Holds no pattern.toml."]


def test_a_link_to_somewhere_large_is_not_walked(tmp_path: Path) -> None:
    """Looking at the folder costs nothing, and the problem is said."""
    (tmp_path / "patterns").mkdir()
    (tmp_path / "patterns/X-root").symlink_to("/")
    library = Catalogue(tmp_path / "patterns")
    assert "Leads out of" in library.problems()[0].what
    assert library.digest() == open_catalogue(tmp_path / "patterns").digest()


def test_labels_of_the_ledger(tmp_path: Path) -> None:
    """Those on a pattern come with those on commits alone; bad lines are problems with a line."""
    library = _library(tmp_path)
    assert library.labels() == ()
    rows = [
        {"sha": SHA, "label": "breaking", "pattern": "A-shared-state"},
        {"sha": SHA, "label": "harmless", "pattern": "AB-other"},
        {"sha": SHA, "label": "missed"},
        {"sha": SHA, "label": "braking"},
    ]
    file = tmp_path / "ledger/labels.jsonl"
    file.parent.mkdir()
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [x.label for x in library.labels()] == ["breaking", "harmless", "missed"]
    assert [x.label for x in library.labels("A-shared-state")] == ["breaking", "missed"]
    (found,) = [p for p in library.problems() if p.where.path == file.as_posix()]
    assert found.line == 4


@pytest.mark.parametrize("name", ["ledger/findings.jsonl", "state/checks.jsonl"])
def test_a_line_of_the_ledger_that_is_none_is_a_problem(tmp_path: Path, name: str) -> None:
    """A merge that was left half done loses no judgement in silence."""
    library = _library(tmp_path)
    before = library.problems()
    file = tmp_path / name
    file.parent.mkdir()
    file.write_text('{"sha": "a"}\n<<<<<<< ours\n{"sha": "b"}\n')
    (found,) = set(library.problems()) - set(before)
    assert (found.where.path, found.line) == (file.as_posix(), 2)


def test_rules_with_a_problem_are_an_error_for_whoever_needs_them(tmp_path: Path) -> None:
    """Half a triage would skip the wrong commits in silence."""
    (tmp_path / "triage.toml").write_text("[[rule]]\n")
    (tmp_path / "hot-paths.toml").write_text("path = 1\n")
    library = open_catalogue(tmp_path)
    assert library.coupling_rules() == ()
    with pytest.raises(PatternError, match=r"triage\.toml: line 1, rule\[0\]: 'id' is missing"):
        library.triage_rules()
    with pytest.raises(PatternError, match=r"hot-paths\.toml: line 1, path: 1 is not a list"):
        library.hot_paths()
    assert len(library.problems()) == 5


def test_the_digest_is_that_of_what_decides_a_hit(tmp_path: Path) -> None:
    """Same files, same digest, whenever they were written; the ledger does not count."""
    library = _library(tmp_path)
    before = library.digest()
    os.utime(tmp_path / "A-shared-state/pattern.toml", (0, 0))
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger/labels.jsonl").write_text("")
    assert library.digest() == before
    (tmp_path / "triage.toml").write_text("rule = []\n")
    assert library.digest() != before


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The error names it."""
    with pytest.raises(PatternError, match="nowhere: There is no such folder"):
        open_catalogue(tmp_path / "nowhere")


def test_check_runs_the_examples_of_sound_patterns(tmp_path: Path) -> None:
    """Problems of files come with those of examples, and one wrong pattern hides no other."""
    write_pattern(tmp_path, {"id": "W-wrong", "severity": "BAD"})
    write_pattern(tmp_path)
    write_pattern(
        tmp_path,
        {
            "id": "F-fails",
            "detector": {"kind": "text", "removed": "nowhere"},
            "message": "It is gone.",
        },
    )
    found = open_catalogue(tmp_path).check()
    assert [(Path(p.where.path).parent.name, p.key) for p in found] == [
        ("W-wrong", "severity"),
        ("F-fails", "examples[0].expect[0]"),
    ]

"""Rule folders are read with every problem of every file at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from workbench.errors import PatternError
from workbench.knowledge.dag_rules import dag_rules, read_dag_rules, rules_folder
from workbench.shipped_files import shipped

SHIPPED = shipped("patterns") / "dag-rules"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rules that may be spoilt."""
    made = tmp_path / "patterns" / "dag-rules"
    shutil.copytree(SHIPPED, made)
    return made


def _spoil(folder: Path, rule: str, old: str, new: str) -> None:
    (file,) = folder.glob(f"{rule}-*/rule.toml")
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("rule", "old", "new", "said"),
    [
        ("S1", 'code = "WBS001"', 'code = "WBS1"', "wrong form"),
        ("S1", 'code = "WBS001"', 'code = "WBS002"', "is that of"),
        ("S1", "severity = ", "severty = ", "Did you mean 'severity'?"),
        ("S1", "{read}", "{reed}", "There is no field 'reed'."),
        ("S2", "[advices]\nacross", "[advices]\nacros", "no message for the case 'acros'"),
        ("S3", 'file = "hit/xcom.py"', 'file = "hit/xcam.py"', "There is no file 'hit/xcam.py'"),
        ("S4", "lines = [13]\n", "", "says on which lines"),
        ("S5", 'id = "S5-', 'id = "S6-', "is not the folder's name"),
        ("S6", 'primitives = ["ResumableJobMixin"]', 'primitives = ["Magic"]', "not one of"),
        ("S7", "version = 1", "version = 0", "less than 1"),
        ("S8", "[[facts]]", "[[fakts]]", "'facts' is missing"),
        ("S9", "code = ", "code == ", "Is no TOML"),
    ],
)
def test_a_fault_is_told_with_its_place(
    folder: Path, rule: str, old: str, new: str, said: str
) -> None:
    """The file, the line and what would be right; the other rules are read."""
    _spoil(folder, rule, old, new)
    library = read_dag_rules(folder)
    told = [str(problem) for problem in library.problems]
    assert any(said in text and "rule.toml" in text for text in told), told
    assert len(library.rules) >= 8


def test_all_faults_come_at_once(folder: Path) -> None:
    """Several files, several faults, one answer; nobody runs half a library."""
    _spoil(folder, "S1", "version = 1", "version = 0")
    _spoil(folder, "S2", "severity = ", "severty = ")
    (folder / "S3-hand-written-reconnect" / "examples" / "hit" / "loose.py").write_text("x = 1\n")
    (folder / "S4-watermark-outside-the-asset" / "rule.toml").unlink()
    broken = folder / "S8-mapped-copies-share-a-key" / "examples" / "clean" / "own_store.py"
    broken.write_text("def f(:\n")
    (folder / "S9-away").symlink_to(folder.parent.parent)
    with pytest.raises(PatternError) as raised:
        dag_rules(folder.parent)
    told = str(raised.value)
    for word in ("less than 1", "severty", "loose.py", "Holds no rule.toml", "no Python", "Leads"):
        assert word in told


def test_a_folder_without_rules_is_said(tmp_path: Path) -> None:
    """No folder and an empty folder are two things."""
    with pytest.raises(PatternError, match="no such folder"):
        dag_rules(tmp_path)
    (tmp_path / "dag-rules").mkdir()
    with pytest.raises(PatternError, match="Holds no rule"):
        dag_rules(tmp_path)


def test_own_patterns_without_dag_rules_take_the_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project with patterns of its own still checks its DAGs."""
    (tmp_path / "patterns").mkdir()
    monkeypatch.chdir(tmp_path)
    assert rules_folder() == SHIPPED
    assert len(dag_rules()) == 9

"""Files that travel with the package are found in a wheel and in a checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench import shipped_files as shipped
from workbench.shipped_files import patterns_folder


def test_a_checkout_uses_its_own_folders() -> None:
    """An edited pattern counts without installing anything."""
    root = Path(__file__).parent.parent
    assert shipped.shipped("patterns") == root / "patterns"
    assert shipped.shipped("fixtures") == root / "data/fixtures"


def test_a_wheel_brings_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands inside the package wins."""
    (tmp_path / "_shipped/patterns").mkdir(parents=True)
    monkeypatch.setattr(shipped, "PACKAGE", tmp_path)
    assert shipped.shipped("patterns") == tmp_path / "_shipped/patterns"


def test_the_folder_of_patterns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was asked for, else the one here, else the shipped one."""
    monkeypatch.chdir(tmp_path)
    assert patterns_folder("elsewhere") == Path("elsewhere")
    assert patterns_folder() == shipped.shipped("patterns")
    (tmp_path / "patterns").mkdir()
    assert patterns_folder() == Path("patterns")

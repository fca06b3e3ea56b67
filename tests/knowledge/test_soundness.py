"""What was found sound is not checked again; anything else is, every time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.knowledge.pattern_folders import SOUND, write_pattern
from workbench.domain.patterns import Problem
from workbench.knowledge import catalogue, soundness
from workbench.knowledge.catalogue import open_catalogue
from workbench.knowledge.problems import problem
from workbench.knowledge.soundness import sound_folder, unless_sound

FAULTY = (problem("pattern.toml", "Something is wrong."),)


class Check:
    """A check that counts how often it is asked."""

    def __init__(self, found: tuple[Problem, ...] = ()) -> None:
        self.found, self.asked = found, 0

    def __call__(self) -> tuple[Problem, ...]:
        self.asked += 1
        return self.found


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's cache folder of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = sound_folder()
    assert made is not None
    return made


def test_a_sound_content_is_checked_once() -> None:
    """The second asking gives the same answer and asks nobody; another content is checked."""
    check = Check()

    answers = [unless_sound(at, check) for at in (["a", "b"], ["a", "b"], ["ab", ""], ["a", "c"])]

    assert answers == [(), (), (), ()]
    assert check.asked == 3


def test_a_fault_is_found_every_time(folder: Path) -> None:
    """Nothing is kept of what is wrong, so that its place is told as it is now."""
    check = Check(FAULTY)

    assert [unless_sound(["a"], check) for _ in range(2)] == [FAULTY, FAULTY]
    assert check.asked == 2
    assert not folder.exists()


def test_other_code_checks_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What older code, or another version of an engine, found sound says nothing of today."""
    check = Check()
    unless_sound(["a"], check)
    soundness._code_stamp.cache_clear()
    monkeypatch.setattr(soundness, "version", lambda name: f"another {name}")

    unless_sound(["a"], check)
    soundness._code_stamp.cache_clear()

    assert check.asked == 2


@pytest.mark.parametrize("spoil", ["others may write", "a link", "a folder"])
def test_what_somebody_else_may_have_put_there_is_not_believed(
    folder: Path, tmp_path: Path, spoil: str
) -> None:
    """An entry counts as a plain file in a folder that only its owner writes into."""
    unless_sound(["a"], Check())
    (entry,) = folder.iterdir()
    if spoil == "others may write":
        folder.chmod(0o777)
    else:
        entry.unlink()
        (tmp_path / "elsewhere").touch()
        entry.symlink_to(tmp_path / "elsewhere") if spoil == "a link" else entry.mkdir()

    assert unless_sound(["a"], Check(FAULTY)) == FAULTY


def test_a_cache_that_cannot_be_kept_changes_nothing(tmp_path: Path) -> None:
    """Where the cache folder is no folder, every content is checked, and nothing else happens."""
    (tmp_path / "cache").write_text("no folder", encoding="utf-8")
    check = Check()

    assert [unless_sound(["a"], check) for _ in range(2)] == [(), ()]
    assert check.asked == 2


def test_entries_do_not_pile_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past their greatest number all go, and the newest stays."""
    monkeypatch.setattr(soundness, "MOST_ENTRIES", 3)
    for number in range(5):
        unless_sound([str(number)], Check())

    assert len(list(folder.iterdir())) == 2
    last = Check()
    unless_sound(["4"], last)
    assert last.asked == 0


def test_an_edited_detector_is_looked_at_again(tmp_path: Path) -> None:
    """A pattern that was sound, is broken and repaired says so each time, in new processes too."""
    made = write_pattern(tmp_path / "patterns", SOUND | {"message": "{name} is gone."})
    text = (made / "pattern.toml").read_text(encoding="utf-8")
    found = []
    for now in (text, text.replace("{name}", "{nobody}"), text):
        (made / "pattern.toml").write_text(now, encoding="utf-8")
        catalogue._entries.clear()  # as in a new process
        found.append([p.key for p in open_catalogue(tmp_path / "patterns").unsound()])

    assert found == [[], ["message"], []]

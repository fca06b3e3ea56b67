"""Reading with two children: order, bounds, ends; no setting of anybody's changes what is read."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil
import pytest

from tests.builders import Commit, git, make_repository
from tests.sources.readings import first_parents, hunks_of, only, read, rows
from workbench.errors import SourceError
from workbench.sources.patches import SealedGit, read_patches, reading, slices
from workbench.sources.patches.cutting import Cutter


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with some slices of commits, each changing two lines of one file."""
    repository = tmp_path_factory.mktemp("long") / "r.git"
    make_repository(
        repository,
        [Commit(message=str(n), files={f"f{n % 7}.py": f"{n}\n{n * n}\n"}) for n in range(900)],
    )
    return repository


def test_two_workers_give_the_order_that_was_asked_for(
    long: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newest first, ids counting from 0 in each part, the same parts every time."""
    monkeypatch.setattr(reading, "BATCH_HUNKS", 300)
    monkeypatch.setattr(reading, "SLICE_COMMITS", 50)
    parts, again = read(long), read(long)
    assert len(parts) > 2
    subjects = [s for part in parts for s in part.commits["subject"]]
    assert subjects == [str(n) for n in range(899, -1, -1)]
    assert [part.first for part in parts] == [
        sum(len(p.commits) for p in parts[:n]) for n in range(len(parts))
    ]
    for part, other in zip(parts, again, strict=True):
        assert part.commits["commit_id"].to_list() == list(range(len(part.commits)))
        assert part.file_changes["change_id"].to_list() == list(range(len(part.file_changes)))
        assert part.hunks.equals(other.hunks)
        assert part.file_changes.equals(other.file_changes)


def children() -> list[psutil.Process]:
    return [c for c in psutil.Process().children() if "git" in c.name()]


def test_stopping_half_way_leaves_no_child(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing the reader, or an error or Ctrl-C in whoever reads, ends both gits at once."""
    monkeypatch.setattr(reading, "BATCH_HUNKS", 100)
    monkeypatch.setattr(reading, "SLICE_COMMITS", 20)
    before = set(children())
    sealed, pairs = SealedGit(long / "objects", where=long), first_parents(long)
    threads = threading.active_count()
    with pytest.raises(KeyboardInterrupt), sealed:  # noqa: PT012 - the loop is what is interrupted
        for _ in read_patches(sealed, pairs):
            assert len(set(children()) - before) == 2
            os.kill(os.getpid(), signal.SIGINT)
    assert set(children()) == before
    assert threading.active_count() == threads


def test_a_child_that_is_killed_is_told(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A git that dies is an error that says so, never a short history."""
    monkeypatch.setattr(reading, "BATCH_HUNKS", 100)
    monkeypatch.setattr(reading, "SLICE_COMMITS", 20)
    monkeypatch.setattr(reading, "_AHEAD_SLICES", 2)
    before = set(children())
    sealed, pairs = SealedGit(long / "objects", where=long), first_parents(long)
    with sealed, pytest.raises(SourceError, match="ended by signal 9") as told:  # noqa: PT012
        for _ in read_patches(sealed, pairs):
            for child in set(children()) - before:
                child.kill()
    assert told.value.where is not None
    assert told.value.where.path == str(long)
    assert set(children()) == before


def test_a_missing_object_is_told_in_gits_words(tmp_path: Path) -> None:
    """A repository with a hole ends in an error with git's own words and the commits it was at."""
    repository = tmp_path / "r.git"
    shas = make_repository(
        repository, [Commit(files={"a.py": f"{n}\n", "b.py": "same\n"}) for n in range(5)]
    )
    blob = git(repository, "rev-parse", f"{shas[2]}:a.py")
    unpacked(repository)
    (repository / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(SourceError, match=f"unable to read {blob}") as told:
        read(repository)
    assert told.value.where is not None
    assert shas[0] in told.value.where.at
    assert "fsck" in told.value.todo


def unpacked(repository: Path) -> None:
    """Turn the packs of a repository into loose objects, so that one can be taken away."""
    for pack in (repository / "objects" / "pack").glob("*.pack"):
        moved = repository / pack.name
        pack.rename(moved)
        git(repository, "unpack-objects", "-q", feed=moved.read_bytes())
        moved.unlink()


@pytest.mark.parametrize("block", [30_000, 2_000_000])
def test_a_patch_over_the_cap_keeps_its_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """A huge change is a row with its lines, without hunks, and a rejection; others stay whole.

    It makes no difference whether the cutter or the parser leaves the hunks out.
    """
    huge = "".join(f"{n}\n" for n in range(60_000))
    repository = tmp_path / "r.git"
    shas = make_repository(
        repository,
        [
            Commit(files={"a": "a\n", "b.lock": huge, "c": "c\n"}),
            Commit(files={"b.lock": huge + "end\n", "m.lock": huge[:150_000]}),
        ],
    )
    monkeypatch.setitem(slices.read_slice.__kwdefaults__, "cap_bytes", 100_000)
    limits = {"block_bytes": block, "cap_bytes": 100_000 if block < 100_000 else 2_000_000}
    monkeypatch.setattr(Cutter.__init__, "__kwdefaults__", limits)
    patches = only(repository)
    assert rows(patches, "path", "added_lines", "is_binary") == [
        ("b.lock", 1, False),
        ("m.lock", huge[:150_000].count("\n") + 1, True),
        ("a", 1, False),
        ("b.lock", 60_000, True),
        ("c", 1, False),
    ]
    assert hunks_of(patches, "b.lock") == [("", "end")]
    assert hunks_of(patches, "a") + hunks_of(patches, "c") == [("", "a"), ("", "c")]
    assert [r.at for r in patches.rejections] == [f"{shas[1]} m.lock", f"{shas[0]} b.lock"]
    assert "409,076 bytes" in patches.rejections[1].reason


def test_a_file_too_big_to_diff_is_told_apart_from_a_binary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git calls both binary; only the one it did not look into is rejected."""
    monkeypatch.setattr("workbench.sources.patches.reading.BIG_FILE_BYTES", 1000)
    config = "workbench.sources.patches.sealed._CONFIG"
    text = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tbigFileThreshold = 1000\n"
    monkeypatch.setattr(config, text)
    repository = tmp_path / "r.git"
    shas = make_repository(repository, [Commit(files={"big.txt": "x\n" * 900, "p.png": b"\0"})])
    patches = only(repository)
    assert rows(patches, "path", "is_binary") == [("big.txt", True), ("p.png", True)]
    assert [(r.at, "1,800 bytes" in r.reason) for r in patches.rejections] == [
        (f"{shas[0]} big.txt", True)
    ]


HOSTILE: Mapping[str, str] = {
    "diff.external": "false",
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "diff.context": "7",
    "diff.interHunkContext": "9",
    "diff.renames": "false",
    "diff.renameLimit": "1",
    "diff.suppressBlankEmpty": "true",
    "diff.submodule": "log",
    "diff.orderFile": "/nonexistent",
    "diff.algorithm": "patience",
    "diff.colorMoved": "zebra",
    "diff.wsErrorHighlight": "all",
    "diff.hide.textconv": "false",
    "diff.hide.binary": "true",
    "color.ui": "always",
    "core.quotePath": "true",
    "core.bigFileThreshold": "1",
    "log.showSignature": "true",
    "i18n.logOutputEncoding": "latin1",
}


def test_no_setting_changes_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, attributes, replaced commits and GIT_* variables leave every byte as it was."""
    code = "".join(f"líne {n}\n" for n in range(20))
    commits: Sequence[Commit] = [
        Commit(files={"é.py": code, "x.py": "x\n", ".gitattributes": "*.py diff=hide\n"}),
        Commit(message="é", files={"é.py": None, "b.py": code + "\n", "x.py": "y\n"}),
    ]
    repository = tmp_path / "r"
    shas = make_repository(repository, commits, bare=False)
    plain = read(repository)
    for key, value in HOSTILE.items():
        git(repository, "config", key, value)
    (repository / ".git" / "info").mkdir(exist_ok=True)
    (repository / ".git" / "info" / "attributes").write_text("*.py -diff\n")
    git(repository, "replace", shas[1], shas[0])
    home = tmp_path / "home"
    (home / ".config" / "git").mkdir(parents=True)
    (home / ".config" / "git" / "attributes").write_text("*.py binary\n")
    (home / ".gitconfig").write_text("[diff]\n\tnoprefix = true\n\texternal = false\n")
    for name, value in {
        "HOME": str(home),
        "GIT_EXTERNAL_DIFF": "false",
        "GIT_DIFF_OPTS": "-u9",
        "GIT_DIR": "/nonexistent",
        "GIT_OBJECT_DIRECTORY": "/nonexistent",
        "GIT_ICASE_PATHSPECS": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "diff.noprefix",
        "GIT_CONFIG_VALUE_0": "true",
        "GIT_TRACE": "1",
        "LC_ALL": "de_DE.UTF-8",
    }.items():
        monkeypatch.setenv(name, value)
    line = [(shas[1], shas[0]), (shas[0], None)]
    with SealedGit(repository / ".git" / "objects", where=repository) as sealed:
        hostile = list(read_patches(sealed, line))
    for one, other in zip(plain, hostile, strict=True):
        assert one.commits.equals(other.commits)
        assert one.file_changes.equals(other.file_changes)
        assert one.hunks.equals(other.hunks)

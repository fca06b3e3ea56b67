"""Reading with two children: order, bounds, ends; no setting of anybody's changes what is read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import psutil
import pytest

from tests.builders import Commit, git, make_repository
from tests.sources.readings import first_parents, hunks_of, only, read, rows
from workbench.errors import SourceError
from workbench.sources.patches import SealedGit, desk, read_patches, reading, slices
from workbench.sources.patches.limits import Limits


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
    monkeypatch.setattr(desk, "AHEAD_SLICES", 2)
    before = set(children())
    sealed, pairs = SealedGit(long / "objects", where=long), first_parents(long)
    with sealed, pytest.raises(SourceError, match="ended by signal 9") as told:  # noqa: PT012
        for _ in read_patches(sealed, pairs):
            for child in set(children()) - before:
                child.kill()
    assert told.value.where is not None
    assert told.value.where.path == str(long)
    assert set(children()) == before


READER = """
import sys
from pathlib import Path
from tests.sources.readings import first_parents
from workbench.sources.patches import SealedGit, read_patches, reading
reading.BATCH_HUNKS = reading.SLICE_COMMITS = 20
place = Path(sys.argv[1])
with SealedGit(place / "objects", where=place) as git:
    for _ in read_patches(git, first_parents(place)):
        print(flush=True)
        sys.stdin.read()
"""


def test_no_child_outlives_a_killed_reader(long: Path) -> None:
    """kill -9 gives nobody time to tidy up; the gits end because their pipes do."""
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(long)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        gits = psutil.Process(reader.pid).children()
        assert len(gits) == 2
        reader.kill()
    gone, alive = psutil.wait_procs(gits, timeout=5)
    assert (len(gone), alive) == (2, [])


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
def test_a_patch_over_the_cap_keeps_its_counts(tmp_path: Path, block: int) -> None:
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
    patches = only(repository, limits=Limits(patch_bytes=100_000, block_bytes=block))
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


@pytest.mark.parametrize("block", [1, 700, 1_000_000])
def test_a_commit_over_the_cap_keeps_its_first_patches(tmp_path: Path, block: int) -> None:
    """What is over a commit's share of text is kept without hunks; the next has its own share."""
    repository = tmp_path / "r.git"
    shas = make_repository(
        repository,
        [
            Commit(files={f"{n}.json": f"{n}\n" * 200 for n in range(6)}),
            Commit(files={f"{n}.json": f"{n}{n}\n" for n in range(6)}),
        ],
    )
    limits = Limits(commit_bytes=2800, block_bytes=block, part_bytes=block)
    parts = read(repository, limits=limits)
    changes = pl.concat([part.file_changes for part in parts])
    assert changes["is_binary"].to_list() == ([False] * 3 + [True] * 3) * 2
    assert changes["added_lines"].to_list() == [1] * 6 + [200] * 6
    places = [r.at for part in parts for r in part.rejections]
    assert places == [f"{shas[commit]} {file}.json" for commit in (1, 0) for file in (3, 4, 5)]
    assert "its commit have over 2,800" in parts[0].rejections[0].reason


def test_a_slow_reader_makes_the_workers_wait(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Text that nobody took yet is bounded, and all of it comes in order in the end."""
    monkeypatch.setattr(desk, "AHEAD_BYTES", 20_000)
    monkeypatch.setattr(reading, "BATCH_HUNKS", 10)
    monkeypatch.setattr(reading, "SLICE_COMMITS", 50)
    seen: list[int] = []
    put = desk.Desk.put

    def watched(self: desk.Desk, number: int, part: slices.Part) -> None:
        put(self, number, part)
        seen.append(self._waiting_bytes)

    monkeypatch.setattr(desk.Desk, "put", watched)
    with SealedGit(long / "objects", where=long) as sealed:
        subjects = []
        for part in read_patches(sealed, first_parents(long)):
            time.sleep(0.001)
            subjects += part.commits["subject"].to_list()
    assert subjects == [str(n) for n in range(899, -1, -1)]
    assert max(seen) < 20_000 + 2 * 20_000  # of the 340,000 that all slices have


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

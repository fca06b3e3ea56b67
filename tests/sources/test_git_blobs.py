"""Blobs by id: in order, missing ones as None, in a child that never outlives its reader."""

from __future__ import annotations

import pickle
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.builders import Commit, Entry, git, make_repository
from workbench.errors import SourceError
from workbench.sources.git import read_blobs, read_git

CONTENTS = {"a.py": b"one\n", "b.py": b"", "c.py": b"caf\xe9\r\n\0x", "d.py": b"no newline"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    place = tmp_path / "r"
    make_repository(place, [Commit(files={**CONTENTS, "l": Entry(mode="120000", content="a.py")})])
    return place


def ids(repository: Path) -> dict[str, str]:
    return {path: git(repository, "rev-parse", f"main:{path}") for path in CONTENTS}


def test_blobs_come_in_order_byte_for_byte(repository: Path) -> None:
    """Also empty ones, and the same one twice."""
    blob = ids(repository)
    asked = [blob[p] for p in ("c.py", "a.py", "b.py", "a.py", "d.py")]
    got = list(read_blobs(read_git(repository).git_dir, asked))
    assert [b for b, _ in got] == asked
    assert [c for _, c in got] == [CONTENTS[p] for p in ("c.py", "a.py", "b.py", "a.py", "d.py")]


def test_what_is_missing_no_blob_or_over_the_cap_is_none(repository: Path) -> None:
    """An absent object, a commit's id and a blob that is too long do not stop the others."""
    blob = ids(repository)
    tip = read_git(repository).tip
    asked = ["0" * 40, blob["d.py"], tip, blob["a.py"], "f" * 40]
    got = [c for _, c in read_blobs(repository, asked, cap_bytes=5)]
    assert got == [None, None, None, b"one\n", None]


def test_nothing_asked_is_nothing_read(repository: Path) -> None:
    """No blobs, no rows."""
    assert list(read_blobs(repository, [])) == []


def test_many_blobs_pass_both_pipes(tmp_path: Path) -> None:
    """More questions and more answers than pipes hold."""
    texts = [f"{n}\n" * (n % 40 + 1) for n in range(4000)]
    make_repository(tmp_path / "r", [Commit(files={f"{n}.py": t for n, t in enumerate(texts)})])
    rows = git(tmp_path / "r", "ls-tree", "-r", "main").splitlines()
    blobs = {row.split("\t")[1]: row.split()[2] for row in rows}
    asked = [blobs[f"{n}.py"] for n in range(4000)]
    got = [content for _, content in read_blobs(tmp_path / "r", asked)]
    assert got == [text.encode() for text in texts]


def test_a_reader_that_stops_early_leaves_no_child(repository: Path) -> None:
    """Closing the generator ends git."""
    before = set(psutil.Process().children())
    blobs = read_blobs(repository, [*ids(repository).values()] * 1000)
    next(blobs)
    assert len(set(psutil.Process().children()) - before) == 1
    blobs.close()  # type: ignore[attr-defined]
    assert set(psutil.Process().children()) == before


def test_it_can_be_handed_to_another_process(repository: Path) -> None:
    """The function with its repository survives pickling."""
    read = pickle.loads(pickle.dumps(partial(read_blobs, repository)))
    assert [c for _, c in read([ids(repository)["a.py"]])] == [b"one\n"]


def test_a_repository_that_is_gone_is_told(tmp_path: Path) -> None:
    """The error names the folder and what to do."""
    with pytest.raises(SourceError, match="not there") as told:
        list(read_blobs(tmp_path / "gone", ["0" * 40]))
    assert "Load the history again" in told.value.todo


def test_a_broken_object_is_told_in_gits_words(repository: Path) -> None:
    """A blob that git cannot read ends in an error, not in missing rows."""
    sha = git(repository, "hash-object", "-w", "--stdin", feed=b"x" * 3000)
    loose = repository / "objects" / sha[:2] / sha[2:]
    loose.chmod(0o600)
    loose.write_bytes(loose.read_bytes()[:20] + b"\xff" * 9)
    got = read_blobs(repository, [sha, ids(repository)["a.py"]])
    with pytest.raises(SourceError, match="git could not read it"):
        list(got)

"""A downstream is a folder, a work tree or a bare repository, and says what it left out."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.sources.trees import batch, committed, git, imports, write_tree
from workbench.errors import SourceError
from workbench.sources.downstreams import read_downstream

ONE = {"ours/a.py": "from airflow.models import DagRun\n"}


def names(folder: Path) -> list[str]:
    return imports(folder)["path"].to_list()


def test_a_plain_folder_has_no_commit(tmp_path: Path) -> None:
    """A folder is read as it is; it has a name, a place and no commit."""
    folder = write_tree(tmp_path / "our-tool", ONE)
    row = batch(folder).frames["downstreams"].row(0, named=True)
    assert row == {
        "downstream": "our-tool",
        "location": str(folder),
        "commit_sha": None,
        "committed_utc": None,
        "python_files": 1,
    }


def test_a_work_tree_is_read_from_disk_and_keeps_its_commit(tmp_path: Path) -> None:
    """What is edited and not committed counts; commit and date are those of HEAD."""
    folder = committed(write_tree(tmp_path / "tool", ONE))
    write_tree(folder, {"ours/b.py": "import airflow.settings\n"})
    read = batch(folder)
    (row,) = read.frames["downstreams"].rows(named=True)
    assert row["commit_sha"] == git(folder, "rev-parse", "HEAD")
    assert int(row["committed_utc"].timestamp()) == int(git(folder, "log", "-1", "--format=%ct"))
    assert read.frames["downstream_imports"]["path"].to_list() == ["ours/a.py", "ours/b.py"]


def test_a_work_tree_without_a_commit_is_a_folder(tmp_path: Path) -> None:
    """An empty repository around files does not stop the load."""
    folder = write_tree(tmp_path / "new", ONE)
    git(folder, "init", "-q")
    row = batch(folder).frames["downstreams"].row(0, named=True)
    assert (row["commit_sha"], row["python_files"]) == (None, 1)


def test_a_bare_repository_is_read_at_its_head(tmp_path: Path) -> None:
    """A bare repository answers what its HEAD's tree holds, the same as a work tree of it."""
    files = ONE | {"ours/b.py": "import airflow as a\na.models.x()\n", "empty.py": ""}
    folder = committed(write_tree(tmp_path / "tool", files))
    git(folder, "clone", "-q", "--bare", ".", str(tmp_path / "mirror.git"))
    bare, work = batch(tmp_path / "mirror.git"), batch(folder, name="mirror")
    assert bare.frames["downstreams"]["downstream"].to_list() == ["mirror"]
    for name in ("downstream_imports", "call_sites"):
        assert bare.frames[name].equals(work.frames[name])
    assert bare.frames["downstreams"]["committed_utc"][0] <= datetime.now(tz=UTC)


@pytest.mark.parametrize("bare", [False, True])
def test_settings_of_a_repository_run_nothing(tmp_path: Path, bare: bool) -> None:
    """A signed HEAD in a repository whose settings name programs is read, and none of them runs."""
    folder = committed(write_tree(tmp_path / "t", ONE))
    date = datetime(2026, 1, 2, tzinfo=UTC)
    person = f"n <n@example.org> {int(date.timestamp())} +0100"
    signed = (
        f"tree {git(folder, 'rev-parse', 'HEAD^{tree}')}\nauthor {person}\ncommitter {person}\n"
        "gpgsig -----BEGIN PGP SIGNATURE-----\n \n aGVsbG8=\n -----END PGP SIGNATURE-----\n\nall\n"
    )
    (tmp_path / "commit").write_text(signed)
    made = git(folder, "hash-object", "-t", "commit", "-w", str(tmp_path / "commit"))
    git(folder, "update-ref", "refs/heads/main", made)
    (program := tmp_path / "evil.sh").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o755)
    git(folder, "config", "log.showSignature", "true")
    names_programs = ("gpg.program", "core.fsmonitor", "core.pager", "core.sshCommand")
    for setting in names_programs:
        git(folder, "config", setting, str(program))
    git(folder, "log", "-1")
    assert (tmp_path / "ran").exists(), "git itself runs it"
    (tmp_path / "ran").unlink()
    row = batch(folder / ".git" if bare else folder).frames["downstreams"].row(0, named=True)
    assert (row["commit_sha"], row["committed_utc"]) == (made, date)
    assert row["python_files"] == 1
    assert not (tmp_path / "ran").exists()


def test_a_repository_of_sha256_is_read(tmp_path: Path) -> None:
    """Objects may be named by the longer ids."""
    folder = write_tree(tmp_path / "t", ONE)
    git(folder, "init", "-q", "--object-format=sha256")
    read = batch(committed(folder) / ".git")
    assert len(read.frames["downstreams"]["commit_sha"][0]) == 64
    assert read.frames["downstream_imports"]["path"].to_list() == ["ours/a.py"]


def test_a_second_work_tree_is_read(tmp_path: Path) -> None:
    """A work tree whose objects are in another one's repository has its own commit."""
    folder = committed(write_tree(tmp_path / "t", ONE))
    git(folder, "worktree", "add", "-q", "--detach", str(tmp_path / "second"))
    row = batch(tmp_path / "second").frames["downstreams"].row(0, named=True)
    assert (row["commit_sha"], row["python_files"]) == (git(folder, "rev-parse", "HEAD"), 1)


def test_two_reads_are_equal(tmp_path: Path) -> None:
    """Same tree, same rows in the same order."""
    folder = write_tree(tmp_path / "t", {f"m{n}.py": ONE["ours/a.py"] for n in range(9)})
    first, second = batch(folder), batch(folder)
    assert all(first.frames[n].equals(second.frames[n]) for n in first.frames)


@pytest.mark.parametrize("bare", [False, True])
def test_other_peoples_code_is_left_out(tmp_path: Path, bare: bool) -> None:
    """Hidden folders, environments and vendored code are not read, and the note says so."""
    text = ONE["ours/a.py"]
    files = {
        "a.py": text,
        "venv/pyvenv.cfg": "",
        "venv/lib/x.py": text,
        ".tox/x.py": text,
        "web/node_modules/x.py": text,
        "ours/_vendor/x.py": text,
        "third_party/x.py": text,
        "vendors/x.py": text,
    }
    folder = write_tree(tmp_path / "t", files)
    if bare:
        git(committed(folder), "clone", "-q", "--bare", ".", str(tmp_path / "b"))
        folder = tmp_path / "b"
    read = batch(folder)
    assert read.frames["downstream_imports"]["path"].to_list() == ["a.py", "vendors/x.py"]
    assert all(n in read.note for n in ("venv", ".tox", "node_modules", "_vendor", "third_party"))


@pytest.mark.parametrize("bare", [False, True])
def test_symbolic_links_are_not_followed(tmp_path: Path, bare: bool) -> None:
    """A link to a file, a folder or itself is counted in the note and leads nowhere."""
    folder = write_tree(tmp_path / "t", ONE)
    (folder / "linked.py").symlink_to("ours/a.py")
    (folder / "around").symlink_to(".")
    if bare:
        git(committed(folder), "clone", "-q", "--bare", ".", str(tmp_path / "b"))
        folder = tmp_path / "b"
    assert names(folder) == ["ours/a.py"]
    assert "2 symbolic links" in batch(folder).note


@pytest.mark.parametrize(
    ("source", "at", "reason"),
    [
        (b"x = 1\ndef f(:\n", "line 2", "cannot parse"),
        (b"x = 1\n\x00\n", "line 1", "cannot parse"),
        (b"x = 1\ny = '\xff'\n", "line 2", "not utf-8"),
        (b"# coding: nonsense\n", "line 1", "cannot parse"),
        (b"x = " + b"(" * 5000 + b")" * 5000, "line 1", "cannot parse|nested"),
        (b"x = " + b"-" * 100_000 + b"1", "line 1", "nested|cannot parse"),
        (b"x = " + b"1+" * 2000 + b"1", "line 1", "nested"),
    ],
)
def test_a_file_that_does_not_parse_is_a_rejection(
    tmp_path: Path, source: bytes, at: str, reason: str
) -> None:
    """It is rejected with its line and does not stop the others."""
    folder = write_tree(tmp_path / "t", ONE)
    (folder / "bad.py").write_bytes(source)
    read = batch(folder)
    (rejection,) = read.rejections
    assert (rejection.path, rejection.at) == ("bad.py", at)
    assert any(part in rejection.reason for part in reason.split("|"))
    assert read.frames["downstream_imports"].height == 1
    assert read.frames["downstreams"]["python_files"].to_list() == [1]


def test_odd_files_are_read_or_rejected(tmp_path: Path) -> None:
    """Other encodings, line ends, odd names and pipes neither stop nor mislead."""
    folder = write_tree(tmp_path / "t", {})
    (folder / "latin.py").write_bytes(
        b"# -*- coding: latin-1 -*-\nfrom airflow import x\nx('\xe9', 'e')\n"
    )
    (folder / "dos.py").write_bytes(b"\xef\xbb\xbffrom airflow import x\r\nx(1,\r\n  2)\r\n")
    (folder / "new\nline.py").write_text("import airflow\nwarned = '\\d' is 1\n")
    os.mkfifo(folder / "pipe.py")
    frames = batch(folder).frames
    calls = frames["call_sites"].filter(kind="call").select("path", "line", "expression").rows()
    assert calls == [("dos.py", 2, "x(1, 2)"), ("latin.py", 3, "x('é', 'e')")]
    assert frames["downstream_imports"]["path"].to_list() == ["dos.py", "latin.py", "new\nline.py"]


def test_a_name_that_is_no_utf8_is_shown_as_text(tmp_path: Path) -> None:
    """Bytes in a path that are no UTF-8 are replaced, in rows and in rejections."""
    folder = write_tree(tmp_path / "t", {})
    (folder / os.fsdecode(b"caf\xe9.py")).write_text("import airflow\n")
    (folder / os.fsdecode(b"bad\xe9.py")).write_text("def")
    read = batch(folder)
    assert read.frames["downstream_imports"]["path"].to_list() == ["caf\ufffd.py"]
    assert [r.path for r in read.rejections] == ["bad\ufffd.py"]


def test_a_huge_file_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file over the size cap is not read, from disk or from a repository."""
    monkeypatch.setattr("workbench.sources.downstreams.trees.LARGEST_BYTES", 100)
    folder = write_tree(tmp_path / "t", ONE | {"big.py": "x = 1\n" * 50})
    git(committed(folder), "clone", "-q", "--bare", ".", str(tmp_path / "b"))
    for tree in (folder, tmp_path / "b"):
        read = batch(tree)
        assert [(r.path, "300 bytes" in r.reason) for r in read.rejections] == [("big.py", True)]
        assert read.frames["downstream_imports"].height == 1


def test_a_blob_that_is_missing_is_a_rejection(tmp_path: Path) -> None:
    """A repository that lost an object gives everything else."""
    folder = committed(write_tree(tmp_path / "t", ONE | {"lost.py": "import airflow\n"}))
    blob = git(folder, "rev-parse", "HEAD:lost.py")
    (folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    read = batch(folder / ".git")
    assert [r.path for r in read.rejections] == ["lost.py"]
    assert read.frames["downstream_imports"]["path"].to_list() == ["ours/a.py"]


def test_a_tree_without_python_has_no_rows(tmp_path: Path) -> None:
    """Nothing to read is no error: the downstream is filed with no files."""
    frames = batch(write_tree(tmp_path / "t", {"README": "hello"})).frames
    assert frames["downstreams"]["python_files"].to_list() == [0]
    assert frames["downstream_imports"].is_empty()
    assert frames["call_sites"].is_empty()


def test_wrong_places_are_errors(tmp_path: Path) -> None:
    """No folder, a file, a repository without a commit: each says where and what is wrong."""
    (tmp_path / "file").write_text("")
    git(tmp_path, "init", "-q", "--bare", str(tmp_path / "bare"))
    for name, words in (("gone", "no such"), ("file", "not a folder"), ("bare", "no commit")):
        with pytest.raises(SourceError, match=words) as caught:
            read_downstream(tmp_path / name)
        assert caught.value.where is not None
        assert caught.value.where.path == str(tmp_path / name)


def test_the_source_says_what_it_is(tmp_path: Path) -> None:
    """Kind, unit, name and location, as the bench asks for them."""
    git(tmp_path, "init", "-q", "t")
    source = read_downstream(write_tree(tmp_path / "t", ONE), name="mine")
    assert (source.kind, source.unit, source.name) == ("downstream", "downstream_imports", "mine")
    assert source.location == str(tmp_path / "t")
    committed(tmp_path / "t")
    assert read_downstream(tmp_path / "t/.git").name == "t"


def test_what_holds_nothing_is_said(tmp_path: Path) -> None:
    """An empty folder, one without Python, a repository without a commit: loaded, with a word."""
    (tmp_path / "empty").mkdir()
    texts = write_tree(tmp_path / "texts", {"readme.md": "hello"})
    new = write_tree(tmp_path / "new", ONE)
    git(new, "init", "-q")
    said = {folder.name: batch(folder).note for folder in (tmp_path / "empty", texts, new)}
    assert said == {
        "empty": "it holds no Python file",
        "texts": "it holds no Python file",
        "new": "its repository has no commit: it is read as it stands",
    }


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """What is called like a file and is none is refused and counted; as a downstream, too."""
    folder = write_tree(tmp_path / "tool", ONE)
    os.mkfifo(folder / "ours" / "pipe.py")
    read = batch(folder)
    assert [(r.path, r.reason) for r in read.rejections] == [
        ("ours/pipe.py", "it is no regular file")
    ]
    assert read.frames["downstreams"]["python_files"].to_list() == [1]
    with pytest.raises(SourceError, match="not a folder"):
        read_downstream(folder / "ours" / "pipe.py")

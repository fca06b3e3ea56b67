"""A repository is found and checked before it is read; each fault says what would be right."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.builders import Commit, git, make_repository
from workbench.domain.loading import Known
from workbench.errors import SourceError
from workbench.sources.git import read_blobs, read_git

COMMITS = [Commit(files={"a.py": "a\n"}), Commit(files={"a.py": "b\n"})]


def fault(repo: Path, *, branch: str | None = None) -> SourceError:
    with pytest.raises(SourceError) as told:
        read_git(repo, branch=branch)
    assert told.value.where is not None
    assert told.value.where.path == str(repo)
    return told.value


@pytest.mark.parametrize("bare", [True, False])
def test_a_work_tree_its_git_folder_and_a_bare_repository_are_the_same(
    tmp_path: Path, *, bare: bool
) -> None:
    """Each is found, named after its folder, and points at its objects."""
    place = tmp_path / ("upstream.git" if bare else "upstream")
    shas = make_repository(place, COMMITS, bare=bare)
    for repo in [place] if bare else [place, place / ".git"]:
        source = read_git(str(repo))
        assert (source.name, source.branch, source.tip) == ("upstream", "main", shas[1])
        assert (source.kind, source.unit, source.scope) == ("git", "commits", "all")
        assert source.location == str(repo)
        assert (source.git_dir / "objects").is_dir()
    assert read_git(place, name="other", core_only=True).name == "other"
    assert read_git(place, core_only=True).scope == "core"


def test_a_linked_work_tree_is_its_repository(tmp_path: Path) -> None:
    """`git worktree add` gives another checkout of the same objects."""
    main = tmp_path / "main"
    shas = make_repository(main, COMMITS, bare=False)
    git(main, "worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"), shas[0])
    linked = read_git(tmp_path / "linked")
    assert (linked.branch, linked.tip, linked.name) == ("side", shas[0], "linked")
    assert linked.git_dir == (main / ".git").resolve()


def test_home_and_relative_paths_are_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`~/repo` and `repo` are what a shell would make of them."""
    make_repository(tmp_path / "repo", COMMITS)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert read_git("~/repo").location == read_git("repo").location == str(tmp_path / "repo")


def test_a_path_that_is_no_repository(tmp_path: Path) -> None:
    """Nothing there, a file, a plain folder: three different sentences."""
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    assert "no such folder" in fault(tmp_path / "nothing").what
    assert "a file" in fault(tmp_path / "file").what
    assert "no git repository" in fault(tmp_path / "folder").what


def test_a_folder_inside_a_repository_is_not_taken_for_it(tmp_path: Path) -> None:
    """The repository around a folder is never loaded by accident; the error names it."""
    make_repository(tmp_path / "r", COMMITS, bare=False)
    inside = tmp_path / "r" / "src"
    inside.mkdir()
    told = fault(inside)
    assert str(tmp_path / "r") in told.what
    assert str(tmp_path / "r") in told.todo


def test_a_missing_branch_lists_those_that_are_there(tmp_path: Path) -> None:
    """The branches are named, newest first, at most a dozen."""
    place = tmp_path / "r"
    shas = make_repository(place, COMMITS)
    for number in range(20):
        git(place, "branch", f"old-{number:02}", shas[0])
    told = fault(place, branch="mian")
    assert told.what == "There is no branch 'mian'."
    assert told.right.startswith("Branches here, newest first: main, old-00")
    assert told.right.endswith("and 9 more.")


def test_a_branch_may_be_remote_or_a_tag(tmp_path: Path) -> None:
    """A branch that was never checked out and a tag are found by their plain names."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    shas = make_repository(origin, COMMITS)
    git(origin, "branch", "v2-test", shas[0])
    git(origin, "tag", "-a", "-m", "one", "1.0", shas[0])
    git(tmp_path, "clone", "-q", str(origin), str(clone))
    for branch in ("v2-test", "origin/v2-test", "1.0"):
        source = read_git(clone, branch=branch)
        assert (source.branch, source.tip) == (branch, shas[0])


@pytest.mark.parametrize("branch", ["--all", "-x", "main --", "a..b", "main\n"])
def test_a_name_that_looks_like_an_option_is_only_a_name(tmp_path: Path, branch: str) -> None:
    """Whatever is given as a branch is looked up as one, never handed to git as an option."""
    make_repository(tmp_path / "r", COMMITS)
    assert fault(tmp_path / "r", branch=branch).what == f"There is no branch {branch!r}."


def test_a_detached_head_is_read_as_it_is(tmp_path: Path) -> None:
    """Without a branch, what is checked out counts, even when it has no name."""
    place = tmp_path / "r"
    shas = make_repository(place, COMMITS, bare=False)
    git(place, "checkout", "-q", "--detach", shas[0])
    source = read_git(place)
    assert (source.branch, source.tip, source.line()) == ("HEAD", shas[0], [shas[0]])


def test_an_empty_repository_says_so(tmp_path: Path) -> None:
    """A repository without a commit, with and without a branch named."""
    git(tmp_path, "init", "-q", "--initial-branch=main", str(tmp_path / "r"))
    assert fault(tmp_path / "r").what == "This repository has no commit yet."
    assert fault(tmp_path / "r", branch="main").what == "This repository has no commit yet."


def test_a_head_without_a_commit_names_the_branches(tmp_path: Path) -> None:
    """HEAD may name a branch that does not exist while others do."""
    place = tmp_path / "r"
    make_repository(place, COMMITS)
    git(place, "symbolic-ref", "HEAD", "refs/heads/gone")
    assert "main" in fault(place).right


def test_ids_of_another_kind_are_refused(tmp_path: Path) -> None:
    """A sha256 repository is told at the door."""
    git(tmp_path, "init", "-q", "--object-format=sha256", str(tmp_path / "r"))
    assert "sha256" in fault(tmp_path / "r").what


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_repository_of_another_user_is_not_read(tmp_path: Path) -> None:
    """git's protection holds, and the error says how to trust a repository."""
    place = tmp_path / "r"
    make_repository(place, COMMITS)
    for path in (place, *place.rglob("*")):
        os.chown(path, 12345, 12345)
    told = fault(place)
    assert "another user" in told.what
    assert f"safe.directory {place}" in told.todo


def test_a_machine_without_git_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one program that is needed is named."""
    make_repository(tmp_path / "r", COMMITS)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="git is not installed"):
        read_git(tmp_path / "r")


def test_a_repository_that_is_gone_when_it_is_read(tmp_path: Path) -> None:
    """Between naming a source and reading it a repository may vanish: an error, no crash."""
    make_repository(tmp_path / "r", COMMITS)
    source = read_git(tmp_path / "r")
    shutil.rmtree(tmp_path / "r")
    with pytest.raises(SourceError, match="git could not read it"):
        list(source.read(Known()))


def test_a_line_that_cannot_be_walked_is_told(tmp_path: Path) -> None:
    """The walk goes on in the background; its error comes where the line is asked for."""
    place = tmp_path / "r"
    shas = make_repository(place, COMMITS)
    for pack in (place / "objects" / "pack").glob("*.pack"):
        git(place, "unpack-objects", "-q", feed=pack.rename(tmp_path / pack.name).read_bytes())
    (place / "objects" / shas[0][:2] / shas[0][2:]).unlink()
    source = read_git(place)
    for _ in range(2):
        with pytest.raises(SourceError, match=shas[0]):
            source.line()


def test_a_clone_that_borrows_objects_is_read(tmp_path: Path) -> None:
    """`git clone --shared` keeps no objects of its own; they are found where they are."""
    shas = make_repository(tmp_path / "r", COMMITS)
    git(tmp_path, "clone", "-q", "--shared", str(tmp_path / "r"), str(tmp_path / "borrows"))
    source = read_git(tmp_path / "borrows")
    assert source.line() == list(shas)
    (batch,) = source.read(Known())
    assert batch.frames["hunks"].height == 2
    blobs = batch.frames["file_changes"]["new_blob"].to_list()
    assert [text for _, text in read_blobs(source.git_dir, blobs)] == [b"b\n", b"a\n"]

"""Releases as a source: one change for each consecutive pair, at the right lines."""

from __future__ import annotations

import subprocess
from pathlib import Path

import polars as pl
import pytest

from tests.builders import git
from tests.sources.archives_made import BUILT, make_index, make_sdist, make_wheel
from workbench.domain.frames import TABLES
from workbench.domain.loading import Batch, Known
from workbench.errors import SourceError
from workbench.sources.git import read_blobs
from workbench.sources.releases import ReleaseSource, read_releases

BEFORE = "def run(ti):\n    if not ti.ready:\n        return\n    work(ti)\n"
AFTER = "def run(ti):\n    work(ti)\n"
TREES = {
    "1.9": {"acme/deps.py": BEFORE, "acme/old.py": "x = 1\n" * 9, "README.md": "one\n"},
    "1.10": {"acme/deps.py": AFTER, "acme/new.py": "x = 1\n" * 9, "README.md": "one\n"},
    "2.0": {"acme/deps.py": AFTER, "acme/new.py": "x = 1\n" * 9, "README.md": "two\n"},
}


@pytest.fixture
def source(tmp_path: Path) -> ReleaseSource:
    """Three versions, given out of order, two as wheels and one as an sdist."""
    files = [
        make_wheel(tmp_path, "acme", "1.9", TREES["1.9"]),
        make_sdist(tmp_path, "acme", "1.10", {f"src/{p}": t for p, t in TREES["1.10"].items()}),
        make_wheel(tmp_path, "acme", "2.0", TREES["2.0"]),
    ]
    return read_releases("acme", ["2.0", "1.9", "1.10"], files=files, cache=tmp_path / "cache")


def history(source: ReleaseSource, *known: str) -> tuple[Batch, list[Batch]]:
    """The one batch with frames, and the others."""
    batches = list(source.read(Known(shas=frozenset(known))))
    (whole,) = [batch for batch in batches if batch.frames]
    return whole, [batch for batch in batches if not batch.frames]


def test_each_pair_is_one_change_in_version_order(source: ReleaseSource) -> None:
    """1.10 comes after 1.9; the frames are those of any other history."""
    batch, _ = history(source)
    for name, frame in batch.frames.items():
        TABLES[name].check(frame)
    commits = batch.frames["commits"]
    assert commits["sha"].to_list() == ["release:1.10..2.0", "release:1.9..1.10"]
    assert commits["position"].to_list() == [1, 0]
    assert commits["parent_sha"].to_list() == [None, None]
    assert commits["subject"].to_list() == ["acme 2.0", "acme 1.10"]
    assert commits["committed_utc"].to_list() == [BUILT, BUILT]
    assert source.line() == ["release:1.9..1.10", "release:1.10..2.0"]
    assert (source.kind, source.unit, source.name) == ("release", "commits", "acme")
    assert (source.branch, source.scope) == (None, "all")
    changes = batch.frames["file_changes"].select("commit_id", "status", "old_path", "path")
    assert changes.rows() == [
        (0, "M", "README.md", "README.md"),
        (0, "D", "setup.py", "setup.py"),
        (1, "M", "acme/deps.py", "acme/deps.py"),
        (1, "R", "acme/old.py", "acme/new.py"),
        (1, "A", "setup.py", "setup.py"),
    ]


def test_hunks_and_blobs_are_those_of_the_released_files(source: ReleaseSource) -> None:
    """The removed guard stands at its line, and both sides can be read back."""
    batch, _ = history(source)
    changes = batch.frames["file_changes"].filter(pl.col("path") == "acme/deps.py")
    hunk = batch.frames["hunks"].join(changes, on="change_id").row(0, named=True)
    assert (hunk["old_start"], hunk["old_lines"], hunk["new_lines"]) == (2, 2, 0)
    assert hunk["removed"] == "    if not ti.ready:\n        return"
    assert (hunk["is_core"], hunk["removed_lines"]) == (True, 2)
    blobs = read_blobs(source.git_dir, [hunk["old_blob"], hunk["new_blob"]])
    assert [content for _, content in blobs] == [BEFORE.encode(), AFTER.encode()]


def test_what_was_left_out_is_said(source: ReleaseSource) -> None:
    """Each version tells how many files were no source."""
    _, others = history(source)
    assert [batch.note for batch in others] == [
        "acme 1.9: 3 files are no source and were left out",
        "acme 1.10: 1 files are no source and were left out",
        "acme 2.0: 3 files are no source and were left out",
    ]


def test_known_pairs_are_not_read_again(
    source: ReleaseSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One new version reads one pair; with nothing new nothing is started."""
    batch, (unchanged, *_) = history(source, "release:1.9..1.10")
    assert batch.frames["commits"]["sha"].to_list() == ["release:1.10..2.0"]
    assert batch.frames["commits"]["position"].to_list() == [1]
    assert unchanged.unchanged == 1

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError(f"started {args}")

    monkeypatch.setattr(subprocess, "run", refuse)
    (only,) = source.read(Known(shas=frozenset(source.line())))
    assert (only.unchanged, only.frames) == (2, {})


def test_a_second_reading_makes_nothing_new(source: ReleaseSource, tmp_path: Path) -> None:
    """Trees are kept by the archive's content; a changed archive replaces its tree."""
    first, _ = history(source)
    before = sorted((source.git_dir / "objects").rglob("*"))
    again, _ = history(source)
    assert sorted((source.git_dir / "objects").rglob("*")) == before
    assert again.frames["file_changes"].equals(first.frames["file_changes"])
    assert git(source.git_dir, "tag", "--list").split() == ["1.10", "1.9", "2.0"]
    make_wheel(tmp_path, "acme", "2.0", {**TREES["2.0"], "acme/extra.py": "e\n"})
    changed, _ = history(source)
    assert "acme/extra.py" in changed.frames["file_changes"]["path"].to_list()


def test_odd_names_and_bytes_pass_through(tmp_path: Path) -> None:
    """Names with newlines, quotes and accents; text that is no UTF-8 is a rejection of its pair."""
    odd = 'acme/a\n"é\t.py'
    files = [
        make_wheel(tmp_path, "acme", "1", {odd: "x\n"}),
        make_wheel(tmp_path, "acme", "2", {odd: b"caf\xe9\n"}),
    ]
    batch, _ = history(read_releases("acme", ["1", "2"], files=files, cache=tmp_path / "c"))
    assert batch.frames["file_changes"]["path"].to_list() == [odd]
    assert batch.frames["hunks"]["added"].to_list() == ["caf\ufffd"]
    assert [r.at for r in batch.rejections] == [f"release:1..2 {odd}"]


@pytest.mark.parametrize(
    ("versions", "told"),
    [
        (["1.0"], "1 version of acme is not enough"),
        ([], "0 version of acme is not enough"),
        (["1.0", "1.0.0"], "1 version of acme is not enough"),
        (["1.0", "latest"], "no version: .*latest"),
    ],
)
def test_two_versions_are_needed(versions: list[str], told: str) -> None:
    """Fewer, equal or impossible versions are refused before anything is fetched."""
    with pytest.raises(SourceError, match=told):
        read_releases("acme", versions)


def test_files_are_checked_when_the_source_is_named(tmp_path: Path) -> None:
    """A version without a file is told at once."""
    wheel = make_wheel(tmp_path, "acme", "1.0", {"a.py": "a\n"})
    with pytest.raises(SourceError, match="No file for acme 2"):
        read_releases("acme", ["1.0", "2.0"], files=[wheel])


def test_the_users_cache_folder_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a folder given, archives are kept where the system keeps such things."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert read_releases("acme", ["1", "2"]).git_dir.parent == tmp_path / "workbench" / "releases"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = read_releases("acme", ["1", "2"]).git_dir.parent
    assert folder == tmp_path / ".cache" / "workbench" / "releases"


def test_releases_come_from_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From wheels that pip fetches to the same changes as from files."""
    wheels = [make_wheel(tmp_path / "w", "acme", v, TREES[v]) for v in ("1.9", "2.0")]
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", make_index(tmp_path / "index", "acme", wheels))
    source = read_releases("acme", ["1.9", "2.0"], cache=tmp_path / "cache")
    batch, _ = history(source)
    assert source.location == "the package index"
    assert batch.frames["commits"]["sha"].to_list() == ["release:1.9..2.0"]
    assert len(batch.frames["file_changes"]) == 3


@pytest.mark.registry
def test_released_airflow_shows_the_changed_dependency_check(tmp_path: Path) -> None:
    """Three real versions from the index: the check that lost its guard changed in 3.1.7."""
    versions = ["3.1.6", "3.1.7", "3.1.8"]
    source = read_releases("apache-airflow-core", versions, cache=tmp_path)
    batch, _ = history(source)
    commits = batch.frames["commits"]
    assert commits["sha"].to_list() == ["release:3.1.7..3.1.8", "release:3.1.6..3.1.7"]
    path = "airflow/ti_deps/deps/ready_to_reschedule.py"
    change = batch.frames["file_changes"].filter(pl.col("path") == path)
    rows = change.join(commits, on="commit_id").filter(pl.col("sha") == "release:3.1.6..3.1.7")
    assert rows.select("status", "is_core").rows() == [("M", True)]
    hunks = batch.frames["hunks"].filter(pl.col("change_id") == rows["change_id"][0])
    assert hunks["old_lines"].sum() == rows["removed_lines"][0] > 0

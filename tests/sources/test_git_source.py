"""A branch as a source: what is new, newest first, with its place on the first-parent line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.builders import STARTED, Commit, git, make_repository
from workbench.domain.frames import TABLES
from workbench.domain.history import Rejection
from workbench.domain.loading import Batch, Known
from workbench.errors import SourceError
from workbench.sources.git import GitSource, read_git
from workbench.sources.patches import reading


def linear(count: int) -> list[Commit]:
    return [Commit(message=f"c{n}", files={"a.py": f"{n}\n"}) for n in range(count)]


def loaded(source: GitSource, *known: str) -> tuple[pl.DataFrame, list[Rejection], int]:
    """Commits, rejections and unchanged of everything that a source gives."""
    batches: list[Batch] = list(source.read(Known(shas=frozenset(known))))
    frames = [TABLES["commits"].check(b.frames["commits"]) for b in batches if b.frames]
    commits = pl.concat(frames) if frames else TABLES["commits"].empty()
    rejections = [r for batch in batches for r in batch.rejections]
    return commits, rejections, sum(batch.unchanged for batch in batches)


def test_every_commit_has_its_place_and_its_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Positions count from the root whatever the batches are; ids count from 0 in each."""
    monkeypatch.setattr(reading, "BATCH_HUNKS", 2)
    monkeypatch.setattr(reading, "SLICE_COMMITS", 2)
    shas = make_repository(tmp_path / "r", linear(7))
    source = read_git(tmp_path / "r")
    batches = list(source.read(Known()))
    assert [len(b.frames["commits"]) for b in batches] == [2, 2, 2, 1]
    for batch in batches:
        for name, frame in batch.frames.items():
            TABLES[name].check(frame)
        assert batch.frames["commits"]["commit_id"][0] == 0
        assert batch.frames["hunks"]["change_id"].max() == len(batch.frames["file_changes"]) - 1
    commits, _, _ = loaded(source)
    assert commits["sha"].to_list() == list(reversed(shas))
    assert commits["position"].to_list() == [6, 5, 4, 3, 2, 1, 0]
    assert commits["parent_sha"].to_list() == [*reversed(shas[:-1]), None]
    assert source.line() == list(shas)


def test_only_what_is_not_known_is_read(tmp_path: Path) -> None:
    """A second load reads the new commits alone, a third nothing; holes are filled."""
    shas = make_repository(tmp_path / "r", linear(6))
    source = read_git(tmp_path / "r")
    commits, _, unchanged = loaded(source, *shas[:4])
    assert (commits["sha"].to_list(), unchanged) == ([shas[5], shas[4]], 4)
    assert commits["position"].to_list() == [5, 4]
    commits, _, unchanged = loaded(source, shas[0], shas[3], "release:1..2")
    assert (commits["position"].to_list(), unchanged) == ([5, 4, 2, 1], 2)
    commits, _, unchanged = loaded(source, *shas)
    assert (len(commits), unchanged) == (0, 6)


def test_dates_are_committer_dates_in_utc(tmp_path: Path) -> None:
    """since is in, until is out; the author's date and the zone it is said in change nothing."""
    early = STARTED - timedelta(days=900)
    commits = [Commit(message=f"c{n}", authored_at=early) for n in range(6)]
    make_repository(tmp_path / "r", commits)
    hour = timedelta(hours=1)

    def subjects(since: datetime | None, until: datetime | None) -> list[str]:
        read, _, _ = loaded(read_git(tmp_path / "r", since=since, until=until))
        return read["subject"].to_list()

    assert subjects(STARTED + 2 * hour, STARTED + 4 * hour) == ["c3", "c2"]
    assert subjects(STARTED + 5 * hour, None) == ["c5"]
    assert subjects(None, STARTED + hour) == ["c0"]
    east = (STARTED + 4 * hour).astimezone(tz=None)
    assert subjects(east, None) == ["c5", "c4"]
    assert subjects(datetime(2027, 1, 1, tzinfo=UTC), None) == []


def test_a_merge_is_what_it_brought_to_the_branch(tmp_path: Path) -> None:
    """Commits of the merged branch are not on the line; the merge holds all that they changed."""
    shas = make_repository(
        tmp_path / "r",
        [
            Commit(message="root", files={"a.py": "1\n"}),
            Commit(message="side 1", files={"s.py": "1\n"}, parents=(0,)),
            Commit(message="side 2", files={"s.py": "1\n2\n"}),
            Commit(message="merge 1", files={"s.py": "1\n2\n"}, parents=(0, 2)),
            Commit(message="other", files={"o.py": "1\n"}, parents=(0,)),
            Commit(message="merge 2", files={"o.py": "1\n"}, parents=(3, 4)),
        ],
    )
    batches = list(read_git(tmp_path / "r").read(Known()))
    (batch,) = batches
    commits, changes = batch.frames["commits"], batch.frames["file_changes"]
    assert commits["subject"].to_list() == ["merge 2", "merge 1", "root"]
    assert commits["parent_sha"].to_list() == [shas[3], shas[0], None]
    assert changes.select("commit_id", "path", "added_lines").rows() == [
        (0, "o.py", 1),
        (1, "s.py", 2),
        (2, "a.py", 1),
    ]


def test_a_shallow_clone_ends_in_a_rejection(tmp_path: Path) -> None:
    """Its last commit is not loaded as if it had added every file; after unshallow it is read."""
    shas = make_repository(
        tmp_path / "r", [Commit(files={f"f{n}.py": "x\n" * 50}) for n in range(6)]
    )
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth=3", f"file://{tmp_path}/r", str(clone))
    commits, rejections, _ = loaded(read_git(clone))
    assert commits["sha"].to_list() == [shas[5], shas[4]]
    assert commits["parent_sha"].to_list() == [shas[4], shas[3]]
    assert [(r.path, r.at) for r in rejections] == [(str(clone), shas[3])]
    assert "shallow" in rejections[0].reason
    assert read_git(clone).line() == list(shas[3:])
    commits, rejections, _ = loaded(read_git(clone, since=STARTED + timedelta(hours=4)))
    assert (len(commits), rejections) == (2, [])

    git(clone, "fetch", "-q", "--unshallow")
    commits, rejections, unchanged = loaded(read_git(clone), shas[5], shas[4])
    assert commits["sha"].to_list() == list(reversed(shas[:4]))
    assert (rejections, unchanged) == ([], 2)


@pytest.mark.parametrize(("filtered", "told"), [("blob:none", "5 of 5"), ("tree:0", "tree")])
def test_a_partial_clone_is_refused_before_anything(
    tmp_path: Path, filtered: str, told: str
) -> None:
    """Nothing is fetched and no history with holes is loaded; completed, the clone reads."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    make_repository(origin, [*linear(5), Commit(message="empty")])
    git(origin, "config", "uploadpack.allowFilter", "true")
    url = f"file://{origin}"
    git(tmp_path, "clone", "-q", "--bare", f"--filter={filtered}", url, str(clone))
    before = sorted(clone.rglob("*"))
    with pytest.raises(SourceError, match=f"partial clone: .*{told}") as error:
        next(read_git(clone).read(Known()))
    assert "--refetch --no-filter" in error.value.todo
    assert sorted(clone.rglob("*")) == before
    if filtered == "blob:none":
        commits, _, _ = loaded(read_git(clone, since=STARTED + timedelta(hours=5)))
        assert commits["subject"].to_list() == ["empty"]

    git(clone, "fetch", "-q", "--refetch", "--no-filter", "origin")
    commits, _, _ = loaded(read_git(clone))
    assert len(commits) == 6


def test_core_only_knows_every_commit(tmp_path: Path) -> None:
    """A commit outside core is there without changes, so that the next load need not look again."""
    shas = make_repository(
        tmp_path / "r",
        [
            Commit(files={"airflow/a.py": "a\n", "docs/b.py": "b\n"}),
            Commit(files={"docs/b.py": "c\n", "tests/t.py": "t\n", "doc/d.py": "d\n"}),
        ],
    )
    (batch,) = read_git(tmp_path / "r", core_only=True).read(Known())
    assert batch.frames["commits"]["sha"].to_list() == [shas[1], shas[0]]
    assert batch.frames["file_changes"].select("commit_id", "path").rows() == [(1, "airflow/a.py")]
    assert batch.frames["hunks"]["added"].to_list() == ["a"]


def test_replaced_and_grafted_commits_are_read_as_they_were(tmp_path: Path) -> None:
    """The line is what was committed, not what a local replacement pretends."""
    shas = make_repository(tmp_path / "r", linear(5))
    git(tmp_path / "r", "replace", "--graft", shas[4], shas[1])
    git(tmp_path / "r", "replace", shas[2], shas[0])
    assert read_git(tmp_path / "r").line() == list(shas)
    assert loaded(read_git(tmp_path / "r"))[0]["subject"].to_list() == [
        "c4",
        "c3",
        "c2",
        "c1",
        "c0",
    ]

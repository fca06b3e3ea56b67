"""What a bench keeps of what stood: the first tree, the spans, the hot functions."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

import workbench.bench as bench_module
from tests.sources.archives_made import make_wheel
from workbench.analysis.births import births
from workbench.analysis.engines import VIEWS
from workbench.analysis.history.detect import _hot_view
from workbench.analysis.sql import run_query
from workbench.bench import Bench, open_bench, standing
from workbench.domain.histories import rows_of
from workbench.domain.patterns import HotPath
from workbench.sources.git import read_git, read_tree
from workbench.sources.releases import read_releases

STEPS = (
    {"app/a.py": "def one():\n    return 1\n", "app/b.py": "def two():\n    return 2\n"},
    {"app/a.py": "def one():\n    return 3\n", "app/broken.py": "def ("},
    {"app/c.py": "from app.b import two\n\ndef three():\n    return two()\n"},
    {"app/b.py": "def two():\n    return 4\n", "tests/test_b.py": "def aside(): pass\n"},
)
HOT = HotPath(qualname="app.c.three", multiplicity="per-loop", why="It is the loop.")


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four commits, one a day."""
    folder = tmp_path_factory.mktemp("up")
    git(folder, "init", "-q", "-b", "main")
    for day, files in enumerate(STEPS, start=1):
        for name, text in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", f"Day {day}", day=day)
    return folder


def git(folder: Path, *words: str, day: int = 1) -> str:
    who = ["-c", "user.name=someone", "-c", "user.email=s@example.org"]
    when = f"2026-01-{day:02}T12:00:00+00:00"
    env = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, env=env, check=True, capture_output=True, text=True
    )
    return done.stdout


def loaded(repo: Path, file: Path, *, since: int | None = None) -> Bench:
    bench = open_bench(file)
    start = datetime(2026, 1, since, tzinfo=UTC) if since else None
    bench.load(read_git(repo, since=start))
    bench.ensure_facts()
    return bench


def functions(bench: Bench, position: int) -> set[str]:
    history = bench.history()
    spans = history["segment_spans"].filter(
        pl.col("since_position") <= position,
        pl.col("until_position").is_null() | (pl.col("until_position") > position),
    )
    found = spans.join(history["fact_definitions"], on="segment_id")
    return set(found.select(pl.concat_str("module", pl.lit("."), "qualname")).to_series())


def test_a_tree_is_its_core_files(repo: Path) -> None:
    """By path; what stands aside is left out."""
    head = git(repo, "rev-parse", "HEAD").strip()
    tree = read_tree(repo / ".git", head)
    assert tree["path"].to_list() == ["app/a.py", "app/b.py", "app/broken.py", "app/c.py"]
    assert tree["blob"].str.len_chars().unique().to_list() == [40]


def test_a_history_that_begins_in_the_middle_knows_what_stood_before(
    repo: Path, tmp_path: Path
) -> None:
    """Files that nobody touched since are there, too; as in a history of everything."""
    late = loaded(repo, tmp_path / "late.duckdb", since=3)
    whole = loaded(repo, tmp_path / "whole.duckdb")
    for position in (1, 2, 3):
        assert functions(late, position) == functions(whole, position)
    assert functions(late, 1) == {"app.a.one", "app.b.two"}
    assert late.store.frame("SELECT count(*) AS n FROM base_segments")["n"][0] == 2
    assert whole.store.frame("SELECT count(*) AS n FROM base_trees")["n"][0] == 0
    assert "app/broken.py" in late.rejections()["path"].to_list()


def test_an_earlier_beginning_replaces_the_tree(repo: Path, tmp_path: Path) -> None:
    """Loading more of the past: the new first tree is read, the old one is forgotten."""
    bench = loaded(repo, tmp_path / "b.duckdb", since=4)
    assert functions(bench, 2) == {"app.a.one", "app.b.two", "app.c.three"}
    bench.load(read_git(repo, since=datetime(2026, 1, 2, tzinfo=UTC)))
    bench.ensure_facts()
    trees = bench.store.frame("SELECT tree FROM base_trees")["tree"].to_list()
    assert trees == [git(repo, "rev-parse", "HEAD~3").strip()]
    assert functions(bench, 0) == {"app.a.one", "app.b.two"}


def test_a_whole_history_begins_with_nothing(repo: Path, tmp_path: Path) -> None:
    """Loading all of the past: the tree that was read is forgotten, as if all came at once."""
    bench = loaded(repo, tmp_path / "b.duckdb", since=4)
    bench.load(read_git(repo))
    bench.ensure_facts()
    whole = loaded(repo, tmp_path / "whole.duckdb")
    assert bench.store.frame("SELECT count(*) AS n FROM base_trees")["n"][0] == 0
    spans = "SELECT * FROM segment_spans ORDER BY ALL"
    assert bench.store.frame(spans).equals(whole.store.frame(spans))


def test_a_pair_of_releases_begins_with_the_earlier_one(tmp_path: Path) -> None:
    """What both versions hold stands before and after; what only one holds, on its side."""
    shared = {"app/b.py": STEPS[0]["app/b.py"]}
    versions = {
        "1.0": {**shared, "app/a.py": "def one():\n    return 1\n"},
        "1.1": {**shared, "app/a.py": "def uno():\n    return 1\n"},
        "1.2": {**shared, "app/a.py": "def eins():\n    return 1\n"},
    }
    files = [make_wheel(tmp_path, "app", version, tree) for version, tree in versions.items()]
    bench = open_bench(tmp_path / "b.duckdb")
    cache = tmp_path / "cache"
    bench.load(read_releases("app", list(versions), files=files, cache=cache))
    bench.ensure_facts()
    offered = "SELECT c.sha, e.name FROM commits c JOIN file_changes USING (commit_id) "
    offered += "JOIN exports_before e USING (change_id) ORDER BY ALL"
    assert run_query(offered, bench.history()).rows() == [
        ("release:1.0..1.1", "one"),
        ("release:1.1..1.2", "uno"),
    ]
    assert functions(bench, -1) == {"app.a.one", "app.b.two"}
    assert functions(bench, 1) == {"app.a.eins", "app.b.two"}
    trees = bench.store.frame("SELECT count(DISTINCT pair) AS n FROM base_trees")["n"][0]
    assert trees == 2
    version = bench.store.version()
    bench.ensure_facts()
    assert bench.store.version() == version
    shutil.rmtree(cache)
    bench.ensure_facts()
    assert bench.store.version() == version


def test_what_is_there_is_not_read_again(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second call reads no tree and writes nothing; one that was killed in between goes on."""
    bench = loaded(repo, tmp_path / "b.duckdb", since=3)
    version = bench.store.version()
    bench.ensure_facts()
    assert bench.store.version() == version

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    second = open_bench(tmp_path / "c.duckdb")
    second.load(read_git(repo, since=datetime(2026, 1, 3, tzinfo=UTC)))
    with monkeypatch.context() as patch:
        patch.setattr(standing.standing, "replace_base", killed)
        with pytest.raises(KeyboardInterrupt):
            second.ensure_facts()
    assert functions(second, 1) == set()
    second.ensure_facts()
    assert functions(second, 1) == functions(bench, 1)


def test_hot_functions_are_told_once(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For commits and entry points that they were not told for; else they are read."""
    told: list[int] = []

    def counted(history: object, hot_paths: object) -> pl.DataFrame:
        told.append(history.commits.height)  # type: ignore[attr-defined]
        return real(history, hot_paths)  # type: ignore[arg-type]

    real = standing.hot_functions
    monkeypatch.setattr(standing, "hot_functions", counted)
    bench = loaded(repo, tmp_path / "b.duckdb")
    monkeypatch.setattr(type(bench.catalogue), "hot_paths", lambda _: (HOT,))
    day = datetime(2026, 1, 4, tzinfo=UTC)
    views = [
        _hot_view(bench.history(since=since), [HOT]).select("qualname", "distance", "via").rows()
        for since in (day, day, None, None)
    ]
    assert views[0] == views[1] == [("two", 1, "three > two")]
    assert views[2] == views[3] == [("three", 0, "three"), ("two", 1, "three > two")]
    assert told == [1, 3]


def test_a_short_span_reads_its_own_rows_and_the_whole_ones_it_needs(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One day of a long history: frames hold the rows of that day, in the same order."""
    bench = loaded(repo, tmp_path / "b.duckdb")
    whole = bench.history()
    day = datetime(2026, 1, 3, tzinfo=UTC)
    late = {"since": day, "until": datetime(2026, 1, 4, tzinfo=UTC)}
    assert bench.history(**late)["hunks"].equals(whole["hunks"])  # four commits are not many
    monkeypatch.setattr(bench_module, "FEW", 1)
    narrow = bench.history(**late)
    assert narrow.commits.height == 1
    touched = whole["file_changes"].join(narrow.commits, on="commit_id", how="semi")
    for name in ("hunks", "calls_deltas", "definitions_deltas", "exports_deltas"):
        kept = whole[name].join(touched, on="change_id", how="semi", maintain_order="left")
        assert narrow[name].equals(kept), name
    assert not narrow["calls_deltas"].is_empty()
    assert narrow["births"].equals(births(whole))
    assert not narrow["births"].is_empty()


def test_births_that_are_not_known_any_more_are_told_from_whole_frames(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commits were loaded and their facts not read yet: what was kept is not believed."""
    bench = open_bench(tmp_path / "b.duckdb")
    bench.load(read_git(repo, until=datetime(2026, 1, 4, tzinfo=UTC)))
    bench.ensure_facts()
    before = bench.history()["births"]
    assert before.equals(births(bench.history()))
    bench.load(read_git(repo))
    monkeypatch.setattr(bench_module, "FEW", 1)
    narrow = bench.history(since=datetime(2026, 1, 4, tzinfo=UTC))
    assert narrow["births"].is_empty()
    assert narrow["definitions_deltas"].height == bench.history()["definitions_deltas"].height > 0
    bench.ensure_facts()
    kept = bench.history()["births"]
    assert kept.height >= before.height
    assert kept.equals(births(bench.history()))


def test_few_rows_of_a_large_frame_are_looked_up_in_the_store(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are those of the whole frame, in its order; many are taken from the frame itself."""
    bench = loaded(repo, tmp_path / "b.duckdb")
    whole = bench.history()["hunks"]
    wanted = whole["change_id"][::2].reverse()
    fresh = open_bench(tmp_path / "b.duckdb").history()
    found = fresh.rows("hunks", column="change_id", values=wanted)
    assert found.equals(rows_of(whole, column="change_id", values=wanted))
    assert 0 < found.height < whole.height
    monkeypatch.setattr(bench_module, "FOUND_ALONE", 0)
    assert fresh.rows("hunks", column="change_id", values=wanted).equals(found)


def test_every_view_is_told_from_a_store(repo: Path, tmp_path: Path) -> None:
    """Whatever its columns are called, a frame can be read back and asked for by a detector."""
    bench = loaded(repo, tmp_path / "bench.duckdb")
    history = bench.history()
    for name in sorted({*VIEWS} - {"hot_paths", "hot_functions"}):  # those are given by detect
        assert run_query(f"SELECT count(*) AS n FROM {name}", history)["n"][0] >= 0, name

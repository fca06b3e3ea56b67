"""Rows into tables: ids shift, keys are kept once, downstreams are replaced, history forgets."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.store.frames import START, batch
from workbench.domain.frames import (
    CALL_SITES,
    DOWNSTREAM_IMPORTS,
    DOWNSTREAMS,
    LOOP_SAMPLES,
    TABLES,
)
from workbench.domain.history import Rejection
from workbench.domain.loading import Batch
from workbench.errors import UnknownNameError
from workbench.store import case_rows, readers, writers
from workbench.store.database import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "a.duckdb")


def _history(store: Store, *batches: Batch, name: str = "up") -> None:
    with store.writing(doing="a test") as link:
        repo = writers.repository(
            link, kind="git", name=name, location="/nowhere", branch="main", scope="all"
        )
        for each in batches:
            writers.insert_history(link, each, repo_id=repo)


def test_ids_of_later_batches_are_shifted(store: Store) -> None:
    """Each hunk still hangs on its own file change and commit after several batches."""
    _history(store, batch("aa", "bb"), batch("cc", first_position=2))
    frame = store.frame(
        "SELECT sha, path, added FROM hunks JOIN file_changes USING (change_id) "
        "JOIN commits USING (commit_id) ORDER BY sha"
    )
    assert frame.rows() == [(s, f"pkg/{s}.py", f"new {s}") for s in ("aa", "bb", "cc")]


def test_commits_are_cut_by_date_and_repository(store: Store) -> None:
    """since is included, until is not; another repository's commits stay out."""
    _history(store, batch("aa", "bb", "cc"))
    _history(store, batch("dd"), name="other")
    day = timedelta(days=1)
    cut = readers.commits(store, since=START + day, until=START + 2 * day)
    assert cut["sha"].to_list() == ["bb"]
    assert readers.commits(store, repository="other")["sha"].to_list() == ["dd"]
    with pytest.raises(UnknownNameError, match="Loaded: other, up"):
        readers.commits(store, repository="upp")


def test_forgetting_a_commit_takes_all_that_hangs_on_it(store: Store) -> None:
    """No orphan rows stay behind in any table that names a change."""
    _history(store, batch("aa", "bb"))
    with store.writing(doing="forget") as link:
        gone = pl.Series("commit_id", [0], dtype=pl.UInt32)
        assert writers.delete_commits(link, gone) == 1
    assert store.frame("SELECT sha FROM commits")["sha"].to_list() == ["bb"]
    assert store.frame("SELECT added FROM hunks")["added"].to_list() == ["new bb"]
    assert store.frame("SELECT path FROM file_changes")["path"].to_list() == ["pkg/bb.py"]


def _sample(seconds: float, path: str = "x", case: str | None = None) -> dict[str, object]:
    return {
        "case_id": case,
        "at_utc": START,
        "seconds": seconds,
        "origin_path": path,
        "origin_line": 2,
    }


def test_a_key_is_kept_once_and_a_null_in_it_equals_a_null(store: Store) -> None:
    """The same rows again add nothing, inside a batch or across loads; times come back as UTC."""
    frame = LOOP_SAMPLES.frame([_sample(1.5), _sample(1.5), _sample(1.5, case="c")])
    for written in (2, 0):
        with store.writing(doing="rows") as link:
            assert case_rows.insert_rows(link, "loop_samples", frame) == (written, ())
    kept = readers.table_frame(store, "loop_samples")
    assert kept.height == 2
    assert kept["at_utc"].to_list() == [START, START]
    assert readers.table_frame(store, "loop_samples", case_id="c").height == 1


def test_other_content_under_a_key_of_another_file_is_refused(store: Store) -> None:
    """Nothing is called unchanged that is not: the row is refused with both places."""
    with store.writing(doing="first") as link:
        case_rows.insert_rows(link, "loop_samples", LOOP_SAMPLES.frame([_sample(1.5, "a.csv")]))
    with store.writing(doing="second") as link:
        same = LOOP_SAMPLES.frame([_sample(1.5, "b.csv")])
        assert case_rows.insert_rows(link, "loop_samples", same) == (0, ())
        other = LOOP_SAMPLES.frame([_sample(9.0, "b.csv")])
        written, (refused,) = case_rows.insert_rows(link, "loop_samples", other)
    assert written == 0
    assert (refused.path, refused.at) == ("b.csv", "line 2")
    assert "a.csv" in refused.reason


def test_a_file_that_is_read_again_replaces_what_was_read_from_it(store: Store) -> None:
    """An edited row takes the old one's place, rows of other files and cases stay."""
    first = LOOP_SAMPLES.frame([_sample(1.5, "a.csv"), _sample(3.0, "b.csv", case="c")])
    with store.writing(doing="first") as link:
        case_rows.insert_rows(link, "loop_samples", first)
        assert case_rows.kept_rows(link, "loop_samples") == 0
    edited = LOOP_SAMPLES.frame([_sample(7.0, "a.csv")])
    for kept in (0, 1):
        with store.writing(doing="again") as link:
            origins = edited.select("case_id", "origin_path")
            case_rows.set_aside(link, "loop_samples", origins)
            case_rows.insert_rows(link, "loop_samples", edited)
            assert case_rows.kept_rows(link, "loop_samples") == kept
    assert sorted(readers.table_frame(store, "loop_samples")["seconds"]) == [3.0, 7.0]


def _downstream(*modules: str) -> dict[str, pl.DataFrame]:
    one = {"downstream": "ours", "path": "a.py", "line": 1, "guard": "none", "coupling": "other"}
    return {
        "downstreams": DOWNSTREAMS.frame([{"downstream": "ours", "location": "x"}]),
        "downstream_imports": DOWNSTREAM_IMPORTS.frame([one | {"module": m} for m in modules]),
        "call_sites": CALL_SITES.empty(),
    }


def test_a_downstream_is_replaced_as_a_whole(store: Store) -> None:
    """Adding one import makes one new row; dropping one makes it disappear."""
    counts = []
    for modules in (("airflow.a", "airflow.b"), ("airflow.b", "airflow.c"), ("airflow.b",)):
        with store.writing(doing="downstream") as link:
            counts.append(writers.replace_downstream(link, _downstream(*modules), name="ours"))
    assert counts == [(2, 0), (1, 1), (0, 1)]
    assert readers.table_frame(store, "downstream_imports")["module"].to_list() == ["airflow.b"]


def test_a_rejection_is_kept_once(store: Store) -> None:
    """The same refusal seen twice is one row; the count says how many were met."""
    refused = [Rejection(path="a.py", at="line 3", reason="does not parse")] * 2
    for _ in range(2):
        with store.writing(doing="refuse") as link:
            assert writers.insert_rejections(link, refused, kind="facts", name="up") == 2
    assert readers.rejections(store).rows() == [("facts", "up", "a.py", "line 3", "does not parse")]


def _facts(change_id: int, *segments: int) -> Batch:
    frames = {n: t.empty() for n, t in TABLES.items() if n.startswith("fact_")}
    frames["fact_exports"] = TABLES["fact_exports"].frame(
        [{"segment_id": s, "qualname": "", "line": 0, "name": f"n{s}"} for s in segments]
    )
    frames["segments"] = TABLES["segments"].frame(
        [{"segment_id": s, "extractor": 1} for s in segments]
    )
    frames["change_segments"] = TABLES["change_segments"].frame(
        [
            {"change_id": change_id, "side": 1, "segment_id": s, "owner": "", "line": 1}
            for s in segments
        ]
    )
    frames["change_facts"] = TABLES["change_facts"].frame(
        [{"change_id": change_id, "extractor": 1, "status": "ok", "module_after": "m"}]
    )
    return Batch(frames=frames)


def test_facts_of_a_segment_are_kept_once(store: Store) -> None:
    """Two changes that share a segment share its facts; both keep their own place of it."""
    _history(store, batch("aa", "bb"))
    big = 2**64 - 1
    with store.writing(doing="facts") as link:
        writers.insert_facts(link, _facts(0, 7, big))
        writers.insert_facts(link, _facts(1, big))
    assert readers.known_segments(store) == {7, big}
    assert store.frame("SELECT count(*) AS n FROM fact_exports")["n"][0] == 2
    assert store.frame("SELECT count(*) AS n FROM change_segments")["n"][0] == 3
    assert readers.changes_without_facts(store, 0, extractor=1).is_empty()
    assert readers.changes_without_facts(store, 0, extractor=2).height == 2
    assert readers.stale_facts(store, extractor=2) == 2
    frames = readers.facts_of_commits(store, 1, 1)
    assert frames["fact_exports"]["segment_id"].to_list() == [big]
    assert readers.commits_without_deltas(store, deltas=1) == [0, 1]
    with store.writing(doing="forget") as link:
        writers.delete_facts(link)
    assert readers.known_segments(store) == frozenset()

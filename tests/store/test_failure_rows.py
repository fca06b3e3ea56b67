"""One failed try is one row, whatever number of records tell of it and in whatever order."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from tests.store.failed_tries import AT, failures, given, record, write

LOG = record(exception="KeyError", message="'a'", text="log of the try", template="KeyError: 'a'")
HEARD = record("listener", after=1, exception="KeyError", message="'a'", text="KeyError: 'a'")
ASKED = record("rest", after=2, state="failed", operator="Odd", pool="p", hostname="w", text="")
KEPT = record("database", after=2, state="failed", operator="Other", queue="q", text="")


@pytest.mark.parametrize("order", list(permutations((LOG, HEARD, ASKED, KEPT))))
def test_a_try_that_four_sources_tell_of_is_one_failure(tmp_path: Path, order: tuple) -> None:  # type: ignore[type-arg]
    """In any order of the loads the same row: the log's words, and what only the others know."""
    for row in order:
        write(tmp_path, row)
    (one,) = failures(tmp_path)
    assert (one["text"], one["source"], one["at_utc"]) == ("log of the try", "log", AT)
    assert (one["operator"], one["pool"], one["queue"]) == ("Odd", "p", "q")
    assert (one["sightings"], one["sources"]) == (4, "database,listener,log,rest")
    assert len(failures(tmp_path, "failure_sightings")) == 4


def test_in_one_load_too(tmp_path: Path) -> None:
    """Records that come together are joined; all but one count as joined."""
    done = write(tmp_path, LOG, HEARD, KEPT)
    assert (done.loaded, done.joined, len(failures(tmp_path))) == (1, 2, 1)


def test_what_is_read_again_changes_nothing(tmp_path: Path) -> None:
    """The second load of the same records finds them all there."""
    write(tmp_path, LOG, HEARD, given("x"))
    before = failures(tmp_path), failures(tmp_path, "failure_sightings")
    done = write(tmp_path, LOG, HEARD, given("x"))
    assert (done.loaded, done.unchanged) == (0, 3)
    assert (failures(tmp_path), failures(tmp_path, "failure_sightings")) == before


def test_a_log_that_grew_replaces_what_it_said(tmp_path: Path) -> None:
    """The same file tells of the same try once, and what others said stays."""
    write(tmp_path, LOG, HEARD)
    write(tmp_path, LOG | {"text": "log of the try, and more", "origin_line": 9})
    (one,) = failures(tmp_path)
    assert (one["text"], one["sightings"]) == ("log of the try, and more", 2)


def test_a_run_made_anew_under_its_old_id_is_another_failure(tmp_path: Path) -> None:
    """The same names days apart are two tries; what comes later joins the one it is near to."""
    later = record(after=90_000, text="again", message="again", origin_path="b.txt")
    write(tmp_path, LOG)
    write(tmp_path, later)
    write(tmp_path, record("rest", after=90_002, operator="Late"))
    first, second = sorted(failures(tmp_path), key=lambda row: row["at_utc"])
    assert (first["failure_id"], first["sightings"]) == (LOG["failure_id"], 1)
    assert (second["text"], second["operator"], second["sightings"]) == ("again", "Late", 2)
    assert first["failure_id"] != second["failure_id"]


def test_a_source_without_a_time_joins(tmp_path: Path) -> None:
    """A record that says no time tells of the try that is known."""
    write(tmp_path, LOG)
    write(tmp_path, record("database") | {"at_utc": None, "kind": "heartbeat-lost"})
    (one,) = failures(tmp_path)
    assert (one["sightings"], one["at_utc"], one["kind"]) == (2, AT, "heartbeat-lost")


def test_a_copy_elsewhere_is_no_second_record(tmp_path: Path) -> None:
    """A tree that moved tells nothing new."""
    write(tmp_path, LOG)
    done = write(tmp_path, LOG | {"loaded_from": "/moved"})
    assert (done.loaded, done.unchanged) == (0, 1)
    assert failures(tmp_path)[0]["sightings"] == 1


def test_what_a_file_tells_no_more_is_forgotten(tmp_path: Path) -> None:
    """A row that left its file leaves the store; another file's record of it stays."""
    write(tmp_path, given("x"), given("y", failure_id="b", origin_line=2))
    write(tmp_path, given("x"))
    assert [row["failure_id"] for row in failures(tmp_path)] == ["a"]
    write(tmp_path, LOG, HEARD)
    write(tmp_path, record(exception="E", task_id="u"))
    (heard,) = [row for row in failures(tmp_path) if row["task_id"] == "t" and row["try_key"]]
    assert (heard["sources"], heard["sightings"]) == ("listener", 1)


def test_a_given_id_is_one_text(tmp_path: Path) -> None:
    """Its file may change it; another file with other content is refused with its place."""
    write(tmp_path, given("x"))
    assert write(tmp_path, given("changed", origin_line=7)).loaded == 1
    done = write(tmp_path, given("z", loaded_from="/other", origin_path="other.txt"))
    assert [(r.path, r.at) for r in done.rejections] == [("other.txt", "line 1")]
    assert [row["text"] for row in failures(tmp_path)] == ["changed"]


def test_a_stuck_task_that_moved_on_is_forgotten_a_failed_one_is_not(tmp_path: Path) -> None:
    """A database that was cleaned tells nothing of its old failures: they stay."""
    stuck = record("database", kind="stuck", task_id="s", state="queued")
    failed = record("database", task_id="f", state="failed")
    write(tmp_path, stuck, failed)
    write(tmp_path, record("database", task_id="g", state="failed"))
    assert {row["task_id"] for row in failures(tmp_path)} == {"f", "g"}

"""A cluster's events: both styles, counted, in the order of the document, with the item's line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from workbench.domain.frames import TIMELINE_EVENTS
from workbench.domain.loading import Batch, Known
from workbench.sources.timelines import read_timeline

CASE = Path(__file__).parents[2] / "data/fixtures/cases/2026-02-scheduler"


def item(**fields: Any) -> dict[str, Any]:
    """An event in the old style."""
    return {
        "kind": "Event",
        "metadata": {"uid": "u1", "creationTimestamp": "2026-02-10T05:00:00Z"},
        "involvedObject": {"kind": "Pod", "name": "scheduler-0", "namespace": "airflow"},
        "reason": "Unhealthy",
        "message": "Liveness probe failed",
        "type": "Warning",
        "firstTimestamp": "2026-02-10T06:00:00Z",
        "lastTimestamp": "2026-02-10T06:10:00Z",
        "count": 39,
        "eventTime": None,
        **fields,
    }


def batch(path: Path, document: object, *, indent: int | None = 1) -> Batch:
    """The one batch of a document, its frame as declared."""
    text = document if isinstance(document, str) else json.dumps(document, indent=indent)
    path.write_text(text, encoding="utf-8")
    (read,) = read_timeline(path).read(Known())
    TIMELINE_EVENTS.check(read.frames["timeline_events"])
    return read


def event(tmp_path: Path, **fields: Any) -> dict[str, Any]:
    """The row of one event."""
    read = batch(tmp_path / "events.json", {"items": [item(**fields)]})
    assert read.rejections == ()
    (row,) = read.frames["timeline_events"].to_dicts()
    return row


def at(hour: int, minute: int, microsecond: int = 0) -> datetime:
    return datetime(2026, 2, 10, hour, minute, 0, microsecond, tzinfo=UTC)


def test_the_old_style(tmp_path: Path) -> None:
    """Count, first and last time are repeats, begin and end; the rest is kept as JSON."""
    row = event(tmp_path)
    assert row["event_id"] == "u1"
    assert (row["at_utc"], row["end_utc"], row["repeats"]) == (at(6, 0), at(6, 10), 39)
    assert (row["source"], row["kind"], row["subject"]) == ("kubectl", "Unhealthy", "scheduler-0")
    assert (row["text"], row["precision_seconds"]) == ("Liveness probe failed", 1.0)
    extra = json.loads(row["extra"])
    assert (extra["type"], extra["involvedObject"]["namespace"]) == ("Warning", "airflow")


def test_the_new_style(tmp_path: Path) -> None:
    """A series counts; a null first time gives way to the event's own, with its precision."""
    row = event(
        tmp_path,
        firstTimestamp=None,
        lastTimestamp=None,
        count=None,
        eventTime="2026-02-10T07:55:00.567133Z",
        series={"count": 9, "lastObservedTime": "2026-02-10T07:59:00.567133Z"},
        reason="BackOff",
    )
    assert (row["at_utc"], row["end_utc"]) == (at(7, 55, 567133), at(7, 59, 567133))
    assert (row["repeats"], row["precision_seconds"], row["kind"]) == (9, 1e-6, "BackOff")


def test_the_newest_style(tmp_path: Path) -> None:
    """What events.k8s.io renamed is read under its new names."""
    row = event(
        tmp_path,
        firstTimestamp=None,
        lastTimestamp=None,
        count=None,
        message=None,
        involvedObject=None,
        note="Stopping container",
        regarding={"kind": "Pod", "name": "scheduler-1"},
        deprecatedFirstTimestamp="2026-02-10T08:00:00Z",
        deprecatedLastTimestamp="2026-02-10T08:01:00Z",
        deprecatedCount=2,
    )
    assert (row["at_utc"], row["end_utc"], row["repeats"]) == (at(8, 0), at(8, 1), 2)
    assert (row["text"], row["subject"]) == ("Stopping container", "scheduler-1")


def test_when_nothing_else_is_said_it_began_when_it_was_written(tmp_path: Path) -> None:
    """An event with neither time nor series is an instant that happened once."""
    row = event(tmp_path, firstTimestamp=None, lastTimestamp=None, count=None)
    assert (row["at_utc"], row["end_utc"], row["repeats"]) == (at(5, 0), None, 1)


def test_an_event_that_ends_where_it_begins_is_an_instant(tmp_path: Path) -> None:
    """The end is null when it is the beginning."""
    assert event(tmp_path, lastTimestamp="2026-02-10T06:00:00Z")["end_utc"] is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"kind": "Pod"}, "the item is of another kind than Event"),
        ({"reason": ""}, "kind is missing"),
        ({"count": -1}, "count is no positive whole number"),
        ({"count": "3"}, "count is no positive whole number"),
        ({"firstTimestamp": "2026-02-10T06:00:00"}, "firstTimestamp has no zone"),
        ({"lastTimestamp": "2026-02-10T05:59:00Z"}, "lastTimestamp is before firstTimestamp"),
        (
            {"firstTimestamp": None, "metadata": {"uid": "x"}},
            "metadata.creationTimestamp is missing",
        ),
    ],
)
def test_a_dirty_item_is_rejected_with_its_line(
    tmp_path: Path, fields: dict[str, Any], reason: str
) -> None:
    """The items around it load, and each knows the line where it begins."""
    others = [item(metadata={"uid": uid}) for uid in ("a", "b")]
    document = {"apiVersion": "v1", "items": [others[0], item(**fields), 5, others[1]]}
    read = batch(tmp_path / "events.json", document)
    lines = (tmp_path / "events.json").read_text("utf-8").splitlines()
    begins = [number for number, line in enumerate(lines, start=1) if line == "  {"]
    assert read.frames["timeline_events"]["origin_line"].to_list() == [begins[0], begins[2]]
    assert [r.at for r in read.rejections] == [f"line {begins[1]}", f"line {begins[2] - 1}"]
    assert read.rejections[0].reason.startswith(reason)
    assert read.rejections[1].reason == "the item is no object"


def test_a_document_that_breaks_off_gives_what_stands_before(tmp_path: Path) -> None:
    """Events before the break load; the break is a rejection with its line."""
    text = json.dumps({"items": [item(), item(metadata={"uid": "u2"})]}, indent=1)
    read = batch(tmp_path / "events.json", text[: text.rindex('"count"')])
    assert read.frames["timeline_events"]["event_id"].to_list() == ["u1"]
    (rejection,) = read.rejections
    assert rejection.reason.startswith("the JSON is broken")
    assert int(rejection.at.removeprefix("line ")) > 20


def test_one_line_is_a_document_too(tmp_path: Path) -> None:
    """Items are found wherever the list stands, and a later key does not matter."""
    document = {"metadata": {"items": "no"}, "items": [item()], "kind": "List"}
    read = batch(tmp_path / "events.json", document, indent=None)
    assert read.frames["timeline_events"]["origin_line"].to_list() == [1]
    assert read.rejections == ()


def test_the_same_event_twice_counts_once(tmp_path: Path) -> None:
    """Two dumps put together repeat what both hold."""
    read = batch(tmp_path / "events.json", {"items": [item(), item()]})
    assert (read.frames["timeline_events"].height, read.unchanged) == (1, 1)


def test_the_shipped_case_loads_whole() -> None:
    """Its three timelines have no rejection, and none of the planted secrets comes out."""
    frames = []
    for name in ("events.json", "pages.jsonl", "notes.csv"):
        (read,) = read_timeline(CASE / name, case_id="2026-02-scheduler").read(Known())
        assert (read.rejections, read.unchanged) == ((), 0)
        frames.append(read.frames["timeline_events"])
    events = pl.concat(frames)
    items = json.loads((CASE / "events.json").read_text("utf-8"))["items"]
    assert frames[0].height == len(items)
    assert events["case_id"].unique().to_list() == ["2026-02-scheduler"]
    secrets = (CASE / "planted-secrets.txt").read_text("utf-8").splitlines()
    assert [s for s in secrets if s in events.write_json()] == []
    killed = events.filter(pl.col("kind") == "Killing", pl.col("at_utc") >= at(6, 0))
    assert killed["repeats"].sum() == 52

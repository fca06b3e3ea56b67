"""Our timeline format: a row is loaded, unchanged, or rejected with its line; none is guessed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.domain.frames import TIMELINE_EVENTS
from workbench.domain.loading import Batch, Known, Source
from workbench.errors import SourceError
from workbench.sources.timelines import Format, read_timeline

HEADER = "at_utc,source,kind,text\n"


def batch(path: Path, text: str | bytes, *, case_id: str | None = None) -> Batch:
    """The one batch of a file with this content, its frame as declared."""
    path.write_bytes(text if isinstance(text, bytes) else dedent(text).lstrip("\n").encode())
    (read,) = read_timeline(path, case_id=case_id).read(Known())
    TIMELINE_EVENTS.check(read.frames["timeline_events"])
    return read


def events(read: Batch) -> pl.DataFrame:
    return read.frames["timeline_events"]


def reasons(read: Batch) -> list[tuple[str, str]]:
    return [(r.at, r.reason) for r in read.rejections]


def test_a_csv_row_becomes_an_event(tmp_path: Path) -> None:
    """All columns of our format land in the frame; a quoted line break keeps the lines' count."""
    read = batch(
        tmp_path / "notes.csv",
        """
        at_utc,source,kind,text,end_utc,id,subject,value,unit,who
        2026-02-10T06:00:00Z,notes,note,"two
        lines",2026-02-10T07:00:00+00:30,N-1,pod-a,31,minutes,ada

        2026-02-10 06:01:00.250+01:00,notes,note,,,,,,,
        """,
        case_id="c",
    )
    first, second = events(read).to_dicts()
    assert first == {
        "event_id": "N-1",
        "case_id": "c",
        "at_utc": datetime(2026, 2, 10, 6, tzinfo=UTC),
        "end_utc": datetime(2026, 2, 10, 6, 30, tzinfo=UTC),
        "source": "notes",
        "kind": "note",
        "text": "two\nlines",
        "subject": "pod-a",
        "value": 31.0,
        "unit": "minutes",
        "repeats": 1,
        "precision_seconds": 1.0,
        "origin_path": str(tmp_path / "notes.csv"),
        "origin_line": 2,
        "extra": '{"who": "ada"}',
    }
    assert second["at_utc"] == datetime(2026, 2, 10, 5, 1, 0, 250_000, tzinfo=UTC)
    assert (second["origin_line"], second["text"], second["extra"]) == (5, "", None)
    assert read.rejections == ()


def test_json_lines_and_a_json_list_say_the_same(tmp_path: Path) -> None:
    """One object a line and one list of objects give the same events, but for their lines."""
    rows = [
        {"at_utc": "2026-02-10T06:00:00Z", "source": "pages", "kind": "page", "text": "a", "id": 7},
        {"at_utc": "2026-02-10T06:01Z", "source": "pages", "kind": "page", "text": "b", "n": [1]},
    ]
    lines = batch(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)))
    listed = batch(tmp_path / "a.json", json.dumps(rows, indent=1))
    places = ["origin_path", "origin_line"]
    assert events(lines).drop(places).equals(events(listed).drop(places))
    assert events(lines)["event_id"][0] == "7"
    assert events(lines)["extra"].to_list() == [None, '{"n": [1]}']
    assert events(lines)["origin_line"].to_list() == [1, 2]
    assert events(listed)["origin_line"].to_list() == [2, 9]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2026-02-10T06:00Z", 60.0),
        ("2026-02-10T06:00:00Z", 1.0),
        ("2026-02-10 06:00:00 UTC", 1.0),
        ("2026-02-10T06:00:00.1Z", 0.1),
        ("2026-02-10T06:00:00.123+0100", 1e-3),
        ("2026-02-10T06:00:00,123456+01", 1e-6),
        ("2026-02-10T06:00:00.123456789Z", 1e-6),
    ],
)
def test_precision_is_that_of_the_text(tmp_path: Path, written: str, seconds: float) -> None:
    """How exact a time is, is read off its text; more than microseconds are cut off."""
    read = batch(tmp_path / "a.csv", f'{HEADER}"{written}",notes,note,x\n')
    assert events(read)["precision_seconds"].to_list() == [seconds]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2026-02-10T06:00:00,notes,note,x", "at_utc has no zone"),
        ("2026-02-10,notes,note,x", "at_utc is a day without a time"),
        ("1770703200,notes,note,x", "at_utc is a number"),
        ("1770703200.5,notes,note,x", "at_utc is a number"),
        ("yesterday,notes,note,x", "at_utc is not a time"),
        ("2026-02-30T06:00:00Z,notes,note,x", "at_utc is no day or time that exists"),
        ("2026-02-10T06:00:60Z,notes,note,x", "at_utc is no day or time that exists"),
        ("0001-01-01T00:00:00+01:00,notes,note,x", "at_utc is no day or time that exists"),
        (",notes,note,x", "at_utc is missing"),
        ("2026-02-10T06:00:00Z,,note,x", "source is missing"),
        ("2026-02-10T06:00:00Z,notes, ,x", "kind is missing"),
        ("2026-02-10T06:00:00Z,notes,note", "the row has 3 fields, the header has 4"),
        ("2026-02-10T06:00:00Z,notes,note,x,y", "the row has 5 fields, the header has 4"),
        ('2026-02-10T06:00:00Z,notes,note,"x"y', "the CSV is broken"),
        (b"2026-02-10T06:00:00Z,notes,note,\xff", "text holds bytes that are not UTF-8"),
    ],
)
def test_a_dirty_row_is_rejected_with_its_line(
    tmp_path: Path, row: str | bytes, reason: str
) -> None:
    """The rows around it load; the rejection says where it stands and why."""
    good = b"2026-02-10T06:00:00Z,notes,note,good\n"
    dirty = row if isinstance(row, bytes) else row.encode()
    read = batch(tmp_path / "a.csv", HEADER.encode() + good + dirty + b"\n" + good[:-2] + b"!\n")
    assert events(read)["text"].to_list() == ["good", "goo!"]
    ((at, said),) = reasons(read)
    assert (at, said[: len(reason)]) == ("line 3", reason)
    assert read.rejections[0].path == str(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"at_utc": 1770703200}, "at_utc is a number"),
        ({"at_utc": 1770703200000}, "at_utc is a number"),
        ({"at_utc": True}, "at_utc is no text"),
        ({"at_utc": None}, "at_utc is missing"),
        ({"text": None}, "text is missing"),
        ({"text": ["a"]}, "text is list, not text"),
        ({"id": {"a": 1}}, "id is dict, not text"),
        ({"value": "1,840"}, "value is no number"),
        ({"value": True}, "value is no number"),
        ({"value": "nan"}, "value is no finite number"),
        ({"value": 10**400}, "value is no number"),
        ({"end_utc": "2026-02-10T05:00:00Z"}, "end_utc is before at_utc"),
        ({"end_utc": "2026-02-10T07:00:00"}, "end_utc has no zone"),
        ({"text": "half \ud800"}, "text holds bytes that are not UTF-8"),
        ({"more": float("inf")}, "a field holds a number that JSON does not know"),
    ],
)
def test_a_dirty_object_is_rejected_with_its_line(
    tmp_path: Path, fields: dict[str, object], reason: str
) -> None:
    """Epoch numbers, wrong types, numbers that are none, half characters: all with a reason."""
    good = {"at_utc": "2026-02-10T06:00:00Z", "source": "a", "kind": "b", "text": "c"}
    text = f"{json.dumps(good)}\n\n{json.dumps({**good, **fields})}\n"
    read = batch(tmp_path / "a.jsonl", text)
    assert events(read).height == 1
    ((at, said),) = reasons(read)
    assert (at, said[: len(reason)]) == ("line 3", reason)


def test_lines_that_are_no_objects_are_rejected(tmp_path: Path) -> None:
    """A broken line and a line of another type do not end the load."""
    good = '{"at_utc": "2026-02-10T06:00:00Z", "source": "a", "kind": "b", "text": "%s"}\n'
    deep = "[" * 100_000
    read = batch(tmp_path / "a.jsonl", f"{good % 1}{{\n5\n{deep}\n{good % 2}")
    assert events(read)["text"].to_list() == ["1", "2"]
    assert reasons(read) == [
        ("line 2", "the line is no JSON"),
        ("line 3", "the line is no JSON object"),
        ("line 4", "the line is no JSON"),
    ]


def test_an_open_quote_is_rejected_where_it_begins(tmp_path: Path) -> None:
    """What it swallows is not lost in silence."""
    read = batch(tmp_path / "a.csv", HEADER + '2026-02-10T06:00:00Z,a,b,"open\nmore\n')
    assert reasons(read) == [
        ("line 2", "the CSV is broken in or after this line: unexpected end of data")
    ]


def test_a_row_that_stands_twice_counts_once(tmp_path: Path) -> None:
    """The same row again, with an id or without, is unchanged; other content is a rejection."""
    read = batch(
        tmp_path / "a.csv",
        """
        at_utc,source,kind,text,id
        2026-02-10T06:00:00Z,a,b,one,1
        2026-02-10T06:00:00Z,a,b,one,1
        2026-02-10T06:00:00Z,c,b,one,1
        2026-02-10T06:00:00Z,a,b,two,
        2026-02-10T06:00:00Z,a,b,two,
        2026-02-10T06:00:00Z,a,b,other,1
        """,
    )
    assert events(read)["text"].to_list() == ["one", "one", "two"]
    assert read.unchanged == 2
    assert reasons(read) == [("line 7", "its id stands in line 2 already, with other content")]


def test_an_event_without_an_id_keeps_the_digest_of_its_row(tmp_path: Path) -> None:
    """The id depends on what the row says, not on the file or the line."""
    row = "2026-02-10T06:00:00Z,a,b,text\n"
    one = events(batch(tmp_path / "a.csv", HEADER + row))["event_id"]
    other = events(batch(tmp_path / "b.csv", HEADER + row.replace("text", "x") + row))["event_id"]
    assert one[0] == other[1]
    assert one[0] != other[0]


def test_no_secret_is_loaded(tmp_path: Path) -> None:
    """Text, subject, id and unknown columns are redacted, keyed values by the column's name."""
    secrets = ["hunter-one", "hunter-two", "tok_91kd8Ls2", "ada@example.org", "hunter-four"]
    row = {
        "at_utc": "2026-02-10T06:00:00Z",
        "source": "a",
        "kind": "b",
        "text": "postgresql://etl:hunter-one@db/wh",
        "subject": "password=hunter-two",
        "id": "token=tok_91kd8Ls2",
        "by": "ada@example.org",
        "login": {"password": "hunter-four"},
    }
    read = batch(tmp_path / "a.jsonl", json.dumps(row))
    written = events(read).write_json()
    assert [s for s in secrets if s in written] == []
    assert events(read)["text"][0] == "postgresql://etl:<secret:uri-password>@db/wh"
    refused = {**row, "at_utc": "password=hunter-one"}
    assert "hunter" not in str(batch(tmp_path / "b.jsonl", json.dumps(refused)).rejections)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (HEADER, Format.CSV),
        ("\ufeff" + HEADER, Format.CSV),
        ("kind,text,source,at_utc,more\r\n", Format.CSV),
        ("[]", Format.JSON_ROWS),
        ('{"items": []}', Format.KUBECTL),
        ('{"broken\n{"at_utc": 1}\n', Format.JSON_LINES),
    ],
)
def test_the_format_is_what_the_file_holds(tmp_path: Path, text: str, form: Format) -> None:
    """The name of the file says nothing; a byte order mark and line ends do not matter."""
    path = tmp_path / "timeline.dat"
    path.write_bytes(text.encode())
    assert read_timeline(path).format is form


def test_utf_16_is_read(tmp_path: Path) -> None:
    """What a Windows shell writes with > has a byte order mark and two bytes a character."""
    text = HEADER + "2026-02-10T06:00:00Z,a,b,größer\n"
    assert events(batch(tmp_path / "a.csv", text.encode("utf-16")))["text"][0] == "größer"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "The file is empty"),
        ("\n \n", "The file is empty"),
        ("hello\n", "not known"),
        ("time,message\n1,2\n", "not known"),
        ("at_utc,source,text\n", "no column kind"),
        ("at_utc,source,kind,text,text\n", "a column twice: text"),
        ('{"events": []}', "neither our own format"),
        ("\x89PNG\0\0", "not known"),
    ],
)
def test_an_unknown_format_is_an_error_that_says_what_is_read(
    tmp_path: Path, text: str, what: str
) -> None:
    """Nothing is loaded from a file that is not understood."""
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(SourceError) as error:
        read_timeline(path)
    assert what in str(error.value)
    assert "kubectl get events -o json" in error.value.right


def test_a_path_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """A missing file and a folder are told with their path."""
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(SourceError) as error:
            read_timeline(path)
        assert error.value.where is not None
        assert error.value.where.path == str(path)


def test_it_is_a_source(tmp_path: Path) -> None:
    """Kind, name, location and unit are what the store files it under."""
    (tmp_path / "a.csv").write_text(HEADER, encoding="utf-8")
    source: Source = read_timeline(str(tmp_path / "a.csv"))
    said = (source.kind, source.name, source.location, source.unit)
    assert said == ("timeline", "a.csv", str(tmp_path / "a.csv"), "timeline_events")


CELLS = st.sampled_from(
    ["2026-02-10T06:00:00Z", "2026-02-10T06:00", "17", "", "a", "b", 'q"', "x,y", "l\nm", "ü"]
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(CELLS, min_size=5, max_size=5), max_size=12))
def test_every_row_is_accounted_for(tmp_path: Path, rows: list[list[str]]) -> None:
    """Rows loaded, unchanged and rejected add up to the rows of the file."""
    quoted = "".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows
    )
    read = batch(tmp_path / "a.csv", ("at_utc,source,kind,text,id\n" + quoted).encode())
    assert events(read).height + read.unchanged + len(read.rejections) == len(rows)

"""Loop durations and database statistics: what is read, and what is refused with its line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workbench.domain.loading import Batch, Known
from workbench.errors import SourceError
from workbench.sources.csv_rows import utc
from workbench.sources.loops import read_loops
from workbench.sources.query_stats import read_query_stats


def _file(folder: Path, text: str | bytes) -> Path:
    path = folder / "rows.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def _loops(folder: Path, text: str) -> Batch:
    (batch,) = read_loops(_file(folder, text), case_id="c").read(Known())
    return batch


def _stats(folder: Path, text: str) -> Batch:
    (batch,) = read_query_stats(_file(folder, text), snapshot="before").read(Known())
    return batch


def test_loops_are_read_with_their_zone_and_line(tmp_path: Path) -> None:
    """Offsets become UTC; each row knows its line; other columns do not matter."""
    batch = _loops(
        tmp_path,
        "\ufeffat_utc,seconds,host\n2026-02-10T06:00:00Z,1.5,a\n2026-02-10T08:00:00+02:00,200,b\n",
    )
    frame = batch.frames["loop_samples"]
    assert frame["at_utc"].to_list() == [datetime(2026, 2, 10, 6, tzinfo=UTC)] * 2
    assert frame["seconds"].to_list() == [1.5, 200]
    assert frame["origin_line"].to_list() == [2, 3]
    assert batch.rejections == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2026-02-10T06:00:00,1", "no time zone"),
        ("yesterday,1", "no ISO time"),
        ("2026-02-10T06:00:00Z,fast", "no number"),
        ("2026-02-10T06:00:00Z,-1", "no duration"),
        ("2026-02-10T06:00:00Z,nan", "no duration"),
        ("2026-02-10T06:00:00Z", "fewer than 2 cells"),
        ("2026-02-10T06:00:00Z,1,2", "more than 2 cells"),
    ],
)
def test_a_dirty_loop_row_is_refused_with_its_line(tmp_path: Path, line: str, reason: str) -> None:
    """The good rows around it are kept."""
    good = "2026-02-10T07:00:00Z,2"
    batch = _loops(tmp_path, f"at_utc,seconds\n{good}\n{line}\n{good}\n")
    (refused,) = batch.rejections
    assert refused.at == "line 3"
    assert reason in refused.reason
    assert batch.frames["loop_samples"].height == 2


def test_missing_columns_are_named(tmp_path: Path) -> None:
    """What is needed and what was found stand in one message."""
    path = _file(tmp_path, "when,seconds\n")
    with pytest.raises(SourceError, match=r"missing: at_utc.*found: when, seconds"):
        list(read_loops(path).read(Known()))
    with pytest.raises(SourceError, match="No such file"):
        list(read_loops(tmp_path / "none.csv").read(Known()))
    with pytest.raises(SourceError, match=r"line 2.*no UTF-8"):
        list(read_loops(_file(tmp_path, b"at_utc,seconds\n\xff\xfe,1\n")).read(Known()))


def test_statistics_keep_text_times_and_what_has_no_column(tmp_path: Path) -> None:
    """A quoted query over several lines is one row; other columns stay as JSON."""
    batch = _stats(
        tmp_path,
        "userid,queryid,query,calls,total_exec_time,mean_exec_time,rows,wal_bytes\n"
        '10,-5,"SELECT a\nFROM t\nWHERE b = $1",4,10.0,2.5,8,77\n'
        "10,6,SELECT 1,2,1,0.5,2,0\n",
    )
    first, second = batch.frames["query_stats"].to_dicts()
    assert first["query"] == "SELECT a\nFROM t\nWHERE b = $1"
    assert (first["queryid"], first["calls"], first["total_exec_ms"]) == ("-5", 4, 10.0)
    assert (first["origin_line"], second["origin_line"]) == (2, 5)
    assert json.loads(first["extra"]) == {"userid": "10", "wal_bytes": "77"}


def test_rows_of_one_query_are_added_up(tmp_path: Path) -> None:
    """Two users ask the same query: one row, the mean over both."""
    batch = _stats(
        tmp_path,
        "userid,queryid,query,calls,total_exec_time\n1,5,SELECT 1,10,10\n2,5,SELECT 1,30,90\n",
    )
    (row,) = batch.frames["query_stats"].to_dicts()
    assert (row["calls"], row["total_exec_ms"], row["mean_exec_ms"]) == (40, 100.0, 2.5)


def test_a_secret_in_a_query_is_redacted(tmp_path: Path) -> None:
    """Utility statements are not normalised by the database: their passwords stand in clear."""
    batch = _stats(
        tmp_path,
        "queryid,query,calls,total_exec_time\n5,ALTER ROLE etl PASSWORD 'Tr0ub4dor-x9',1,1\n",
    )
    assert "Tr0ub4dor-x9" not in str(batch.frames["query_stats"].to_dicts())


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",<insufficient privilege>,1,1", "no queryid"),
        ("5,SELECT 1,many,1", "no number"),
        ("5,SELECT 1,1.5,1", "no whole number"),
        ("5,SELECT 1,-1,1", "zero or more"),
    ],
)
def test_a_dirty_statistics_row_is_refused(tmp_path: Path, row: str, reason: str) -> None:
    """Counted and kept with its line."""
    batch = _stats(tmp_path, f"queryid,query,calls,total_exec_time\n{row}\n")
    (refused,) = batch.rejections
    assert refused.at == "line 2"
    assert reason in refused.reason


def test_a_time_without_a_zone_is_never_guessed() -> None:
    """The message shows what would be right."""
    with pytest.raises(ValueError, match="write 2026-02-10T06:00:00Z"):
        utc("2026-02-10 06:00")

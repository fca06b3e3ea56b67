"""Database statistics from ``pg_stat_statements`` as CSV, PostgreSQL 13 to 18."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.domain.frames import QUERY_STATS
from workbench.domain.history import Rejection
from workbench.domain.loading import Batch, Known
from workbench.errors import Place, SourceError
from workbench.sources.csv_rows import CsvFile
from workbench.text.redact import redact

REQUIRED = ("queryid", "query", "calls", "total_exec_time")
TAKEN = (*REQUIRED, "mean_exec_time", "rows")
DATABASE = ("dbid", "datname")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryStatsSource:
    """One snapshot of the view; rows are keyed by case, snapshot and queryid.

    The view has one row per user, database and query; rows that share a queryid are added up,
    because a query's cost to the database is the sum over who asks it. It spans the whole server:
    ``database`` leaves the rows of others out.
    """

    path: Path
    snapshot: str
    case_id: str | None = None
    database: str | None = None
    kind: str = "query_stats"
    unit: str = QUERY_STATS.name

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def location(self) -> str:
        """The file."""
        return str(self.path)

    def read(self, known: Known) -> Iterator[Batch]:
        """One batch: a row for each query, a rejection for each line that is none.

        Raises
        ------
        SourceError
            A database was named, and the file does not say whose the rows are.
        """
        rows: dict[str, dict[str, object]] = {}
        refused: list[Rejection] = []
        seen: set[str] = set()
        others = 0
        for line, row in CsvFile(self.path, required=REQUIRED).rows():
            try:
                if self._of_another(row, seen):
                    others += 1
                    continue
                read = self._row(row, line)
            except ValueError as error:
                where = f"line {line}"
                refused.append(Rejection(path=str(self.path), at=where, reason=str(error)))
                continue
            there = rows.get(str(read["queryid"]))
            rows[str(read["queryid"])] = _added(there, read) if there else read
        frame = QUERY_STATS.frame(list(rows.values()))
        said = ""
        if self.database is None and len(seen) > 1:
            said = f"{len(seen)} databases of one server are added up; name one to tell them apart"
        elif others:
            said = f"{others:,} rows of other databases were left out"
        yield Batch(frames={self.unit: frame}, rejections=tuple(refused), note=said)

    def _of_another(self, row: dict[str, str] | str, seen: set[str]) -> bool:
        """Whether a row belongs to a database that was not asked for; ``seen`` gets its name."""
        if isinstance(row, str):
            return False
        names = {row[column].strip() for column in DATABASE if row.get(column)}
        seen.update(sorted(names)[:1])
        if self.database is None:
            return False
        if not names:
            what = f"There is no {' or '.join(DATABASE)} to tell databases apart by."
            raise SourceError(what, where=Place(path=str(self.path)))
        return self.database not in names

    def _row(self, row: dict[str, str] | str, line: int) -> dict[str, object]:
        if isinstance(row, str):
            raise ValueError(row)
        if not row["queryid"].strip():
            what = "has no queryid: the role that took the snapshot may not see the query"
            raise ValueError(what)
        calls, total = _count(row, "calls"), _number(row, "total_exec_time")
        mean = _number(row, "mean_exec_time") if row.get("mean_exec_time") else None
        extra = {k: redact(v) for k, v in sorted(row.items()) if k not in TAKEN and v}
        return {
            "case_id": self.case_id,
            "snapshot": self.snapshot,
            "queryid": row["queryid"].strip(),
            "query": redact(row["query"]),
            "calls": calls,
            "total_exec_ms": total,
            "mean_exec_ms": mean if mean is not None else (total / calls if calls else None),
            "rows": _count(row, "rows") if row.get("rows") else None,
            "origin_path": str(self.path),
            "origin_line": line,
            "extra": json.dumps(extra, sort_keys=True),
        }


def _added(one: dict[str, object], other: dict[str, object]) -> dict[str, object]:
    """The sum of two rows of one query; text and place stay those of the first."""
    sums: dict[str, float] = {}
    for column in ("calls", "total_exec_ms", "rows"):
        values = [row[column] for row in (one, other) if row[column] is not None]
        sums[column] = sum(values)  # type: ignore[arg-type]
    mean = sums["total_exec_ms"] / sums["calls"] if sums["calls"] else None
    return {**one, **sums, "mean_exec_ms": mean}


def _number(row: dict[str, str], column: str) -> float:
    try:
        value = float(row[column])
    except ValueError as error:
        what = f"{column} is {row[column]!r}, which is no number"
        raise ValueError(what) from error
    if not math.isfinite(value) or value < 0:
        what = f"{column} is {row[column]!r}; it is a number of zero or more"
        raise ValueError(what)
    return value


def _count(row: dict[str, str], column: str) -> int:
    value = _number(row, column)
    if value != int(value):
        what = f"{column} is {row[column]!r}, which is no whole number"
        raise ValueError(what)
    return int(value)


def read_query_stats(
    path: str | Path,
    *,
    snapshot: str,
    case_id: str | None = None,
    database: str | None = None,
) -> QueryStatsSource:
    """Make a source of one snapshot.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV as ``COPY (SELECT * FROM pg_stat_statements) TO ... CSV HEADER`` writes it. Columns
        beyond queryid, query, calls, rows and execution times are kept as JSON in ``extra``.
    snapshot : str
        ``before``, ``after``, or a name.
    case_id : str, optional
        The case it belongs to.
    database : str, optional
        ``dbid`` or ``datname`` of the rows to take; the view is of the whole server.
    """
    return QueryStatsSource(path=Path(path), snapshot=snapshot, case_id=case_id, database=database)

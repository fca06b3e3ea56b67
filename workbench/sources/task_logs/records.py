"""Failed tries as they come out of logs and gathered texts: one record each, and what was wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from workbench.domain.failures import FAILURES
from workbench.domain.history import Rejection
from workbench.domain.try_names import major_version, try_key
from workbench.sources.task_logs.attempts import Attempt, read_attempt
from workbench.sources.task_logs.lines import file_lines
from workbench.sources.task_logs.places import LogFile, shown
from workbench.sources.task_logs.rows import as_told, digest, failure_row, number, storable
from workbench.text.redact import redact


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What holds for every record of a source: its case, its installation, where it was read."""

    case_id: str | None
    site: str | None
    loaded_from: str


@dataclass(slots=True)
class Records:
    """Records of some files, or of a part of a file whose lines count from its own first one."""

    origin: Origin
    rows: list[dict[str, Any]] = field(default_factory=list)
    faults: list[tuple[str, int, str]] = field(default_factory=list)
    lines: int = 0
    logs: int = 0
    without: int = 0

    def add_log(self, log: LogFile) -> None:
        """Read a try's log, and the triggerer's part of it if there is one."""
        attempt = self._read(log.path)
        if attempt is None:
            return
        self.logs += 1
        if attempt.failed is None:
            self.without += 1
            return
        row = failure_row(attempt, attempt.failed, extra=self._triggered(log))
        said = attempt.ids
        row |= {
            "airflow_version": None,
            "source": "log",
            "dag_id": log.dag_id or said.get("dag_id"),
            "run_id": log.run_id or said.get("run_id"),
            "task_id": log.task_id or said.get("task_id"),
            "map_index": number(said.get("map_index")) if log.map_index < 0 else log.map_index,
            "try_number": number(said.get("number")) if log.try_number is None else log.try_number,
        }
        where = (log.origin, row["try_number"], row["at_utc"], digest(row["text"]))
        self.add(row, where=where, path=log.origin)

    def add(self, row: dict[str, Any], *, where: tuple[object, ...], path: str) -> None:
        """Take a record; ``where`` makes its id when its try is not named in full."""
        for name in ("dag_id", "run_id", "task_id"):
            row[name] = storable(redact(row[name])) if row[name] else None
        row["map_index"] = -1 if row["map_index"] is None else row["map_index"]
        row["try_key"] = try_key(
            site=self.origin.site,
            major=major_version(row["airflow_version"], row["log_format"]),
            dag_id=row["dag_id"],
            run_id=row["run_id"],
            task_id=row["task_id"],
            map_index=row["map_index"],
            try_number=row["try_number"],
        )
        row["failure_id"] = row["try_key"] or digest(*where)
        self.keep(row, path=path)

    def keep(self, row: dict[str, Any], *, path: str) -> None:
        """Take a record that has its id."""
        row |= {"case_id": self.origin.case_id, "site": self.origin.site, "sightings": 1}
        row |= {"loaded_from": self.origin.loaded_from, "origin_path": path}
        row["sources"] = row["source"]
        self.rows.append(row)

    def reject(self, path: Path | str, line: int, reason: str) -> None:
        """Note what is wrong with a line; 0 stands for the whole file."""
        self.faults.append((shown(path), line, reason))

    def frame(self) -> pl.DataFrame:
        """The records as FAILURES declares."""
        return FAILURES.frame(self.rows)

    def _read(self, path: Path) -> Attempt | None:
        try:
            attempt = read_attempt(file_lines(path))
        except OSError as fault:
            self.reject(path, 0, f"the file cannot be read: {fault.strerror or fault}")
            return None
        for line, reason in attempt.faults:
            self.reject(path, line, reason)
        if attempt.more_faults:
            self.reject(path, 0, f"{attempt.more_faults} more lines have such faults")
        return attempt

    def _triggered(self, log: LogFile) -> dict[str, object]:
        """Return what the triggerer's files say about the failure."""
        said: list[dict[str, object]] = []
        for path in log.triggers:
            origin = f"{log.origin.rpartition('/')[0]}/{path.name}"
            attempt = self._read(path)
            if attempt is None or attempt.failed is None:
                continue
            failed = attempt.failed
            chain = as_told(failed.chain)
            said.append(
                {"origin": origin, "line": failed.line, "chain": chain}
                | ({} if chain else {"message": failed.message})
            )
        return {"triggerer": said} if said else {}


def rejection(path: str, line: int, reason: str) -> Rejection:
    """What was wrong, as it is kept."""
    return Rejection(path=path, at=f"line {line}" if line else "", reason=reason)

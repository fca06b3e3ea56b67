"""A case: a folder with one incident's inputs, named by its ``case.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One incident's inputs; every path is absolute here and relative to the case in its file."""

    id: str
    title: str
    folder: Path
    started_utc: datetime
    ended_utc: datetime | None = None
    running_version: str | None = None
    deployed_utc: datetime | None = None
    timeline: tuple[Path, ...] = ()
    logs: tuple[Path, ...] = ()
    stats_before: tuple[Path, ...] = ()
    stats_after: tuple[Path, ...] = ()
    loops: tuple[Path, ...] = ()
    history: Path | None = None
    downstreams: tuple[Path, ...] = ()

    def inside(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows whose ``at_utc`` lies between the incident's start and its end."""
        inside = pl.col("at_utc") >= self.started_utc
        if self.ended_utc is not None:
            inside &= pl.col("at_utc") <= self.ended_utc
        return rows.filter(inside)

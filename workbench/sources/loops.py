"""Scheduler loop durations from a CSV file with the columns ``at_utc`` and ``seconds``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.domain.frames import LOOP_SAMPLES
from workbench.domain.history import Rejection
from workbench.domain.loading import Batch, Known
from workbench.sources.csv_rows import CsvFile, utc

COLUMNS = ("at_utc", "seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopSource:
    """Loop durations of one file; rows are keyed by case and time."""

    path: Path
    case_id: str | None = None
    kind: str = "loops"
    unit: str = LOOP_SAMPLES.name

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def location(self) -> str:
        """The file."""
        return str(self.path)

    def read(self, known: Known) -> Iterator[Batch]:
        """One batch: a row for each sample, a rejection for each line that is none."""
        rows: list[dict[str, object]] = []
        refused: list[Rejection] = []
        for line, row in CsvFile(self.path, required=COLUMNS).rows():
            try:
                rows.append(self._sample(row, line))
            except ValueError as error:
                where = f"line {line}"
                refused.append(Rejection(path=str(self.path), at=where, reason=str(error)))
        yield Batch(frames={self.unit: LOOP_SAMPLES.frame(rows)}, rejections=tuple(refused))

    def _sample(self, row: dict[str, str] | str, line: int) -> dict[str, object]:
        if isinstance(row, str):
            raise ValueError(row)
        try:
            seconds = float(row["seconds"])
        except ValueError as error:
            what = f"seconds is {row['seconds']!r}, which is no number"
            raise ValueError(what) from error
        if not math.isfinite(seconds) or seconds < 0:
            what = f"seconds is {row['seconds']!r}, which is no duration"
            raise ValueError(what)
        return {
            "case_id": self.case_id,
            "at_utc": utc(row["at_utc"]),
            "seconds": seconds,
            "origin_path": str(self.path),
            "origin_line": line,
        }


def read_loops(path: str | Path, *, case_id: str | None = None) -> LoopSource:
    """Make a source of loop durations.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV with ``at_utc`` (ISO time with its zone, the end of the loop) and ``seconds``.
    case_id : str, optional
        The case they belong to.
    """
    return LoopSource(path=Path(path), case_id=case_id)

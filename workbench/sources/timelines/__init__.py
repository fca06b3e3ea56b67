"""Incident timelines: our own CSV or JSON lines, and the events of a cluster."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from workbench.domain.frames import TIMELINE_EVENTS
from workbench.domain.history import Rejection
from workbench.domain.loading import Batch, Known
from workbench.errors import Place, SourceError
from workbench.sources.timelines.events import row_of
from workbench.sources.timelines.formats import Format, Found, events_of, format_of

__all__ = ["Format", "TimelineSource", "read_timeline"]

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineSource:
    """The events of one file; ``case_id`` is null when it is loaded alone."""

    kind: ClassVar[str] = "timeline"
    unit: ClassVar[str] = "timeline_events"
    path: Path
    format: Format
    case_id: str | None

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def location(self) -> str:
        return str(self.path)

    def read(self, known: Known) -> Iterator[Batch]:
        """One batch with all events in the file's order; what cannot be read is a rejection."""
        del known  # rows are told apart by their key when they are written
        rows = _Rows(path=self.path, case_id=self.case_id)
        for found in events_of(_text(self.path), form=self.format):
            rows.add(found)
        yield Batch(
            frames={TIMELINE_EVENTS.name: TIMELINE_EVENTS.frame(rows.rows)},
            rejections=tuple(rows.rejections),
            unchanged=rows.unchanged,
        )


def read_timeline(path: str | Path, *, case_id: str | None = None) -> TimelineSource:
    """Read a timeline: our CSV or JSON, or what ``kubectl get events -o json`` prints.

    The format is recognised by what the file holds. A time without a zone, and a time that is a
    number, are rejected with their line; nothing is guessed.

    Parameters
    ----------
    path : str or Path
        The file.
    case_id : str, optional
        The case whose timeline it is.

    Raises
    ------
    SourceError
        There is no such file, it cannot be read, or it is in no known format.
    """
    location = Path(path).expanduser()
    form = format_of(_text(location), path=str(location))
    return TimelineSource(path=location, format=form, case_id=case_id)


class _Rows:
    """Rows of one file as they come, each once, and what was rejected."""

    def __init__(self, *, path: Path, case_id: str | None) -> None:
        self._path, self._case_id = path, case_id
        self._seen: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}
        self.rows: list[dict[str, object]] = []
        self.rejections: list[Rejection] = []
        self.unchanged = 0

    def add(self, found: Found) -> None:
        if found.event is None:
            return self._reject(found.line, found.fault)
        try:
            row = row_of(found.event)
        except ValueError as fault:
            return self._reject(found.line, str(fault))
        key = (row["source"], row["event_id"])
        line, same = self._seen.setdefault(key, (found.line, row))
        if line == found.line and same is row:
            origin = {"origin_path": str(self._path), "origin_line": found.line}
            self.rows.append({**row, **origin, "case_id": self._case_id})
        elif same == row:
            self.unchanged += 1
        else:
            reason = f"its id stands in line {line} already, with other content"
            self._reject(found.line, reason)
        return None

    def _reject(self, line: int, reason: str) -> None:
        self.rejections.append(Rejection(path=str(self._path), at=f"line {line}", reason=reason))


def _text(path: Path) -> str:
    """Read the file as text; bytes that are no text become half characters, rejected by row."""
    try:
        raw = path.read_bytes()
    except OSError as fault:
        what = f"The timeline cannot be read: {fault.strerror or fault}."
        raise SourceError(what, where=Place(path=str(path)), right="A file.") from None
    if raw.startswith(UTF_16):
        return raw.decode("utf-16", errors="surrogatepass")
    return raw.decode("utf-8-sig", errors="surrogateescape")

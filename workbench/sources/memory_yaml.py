"""The memory of airflow-ai-ops: YAML, for each service a list of errors with cause and decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from workbench.domain.failures import MEMORY_ENTRIES
from workbench.domain.history import Rejection
from workbench.domain.loading import Batch, Known
from workbench.errors import Place, SourceError
from workbench.sources.task_logs.places import shown
from workbench.sources.task_logs.rows import as_json, storable
from workbench.text.redact import redact

MOST_BYTES = 64 << 20
RIGHT = "Read is {service: [{error, root_cause, decision, source, support, success_rate}]}."
TEXTS = ("error", "root_cause", "decision", "source")
OWN = (*TEXTS, "support", "success_rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySource:
    """One file of remembered errors."""

    kind: ClassVar[str] = "memory"
    unit: ClassVar[str] = "memory_entries"
    path: Path
    case_id: str | None = None

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def location(self) -> str:
        return str(self.path)

    def read(self, known: Known) -> Iterator[Batch]:
        """One batch of entries, in the order of the file."""
        del known
        reading = _Reading(self.path, self.case_id)
        for service, entries in _services(self.path).items():
            if not isinstance(entries, list):
                reading.reject(str(service), 0, "the service holds no list of entries")
                continue
            for number, entry in enumerate(entries, start=1):
                reading.take(str(service), number, entry)
        note = "" if reading.rows else "no entry could be read"
        frames = {MEMORY_ENTRIES.name: MEMORY_ENTRIES.frame(reading.rows)}
        yield Batch(frames=frames, rejections=tuple(reading.rejections), note=note)


def read_memory(path: str | Path, *, case_id: str | None = None) -> MemorySource:
    """Read remembered errors of airflow-ai-ops.

    Parameters
    ----------
    path : str or Path
        The YAML file.
    case_id : str, optional
        The case whose memory it is.

    Raises
    ------
    SourceError
        There is no such file, or it is no YAML of that shape.
    """
    location = Path(path).expanduser()
    _services(location)
    return MemorySource(path=location, case_id=case_id)


def _services(path: Path) -> dict[Any, Any]:
    import yaml

    where = Place(path=str(path))
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SourceError("The file is too large for a memory.", where=where, right=RIGHT)
        value = yaml.safe_load(path.read_bytes())
    except OSError as fault:
        what = f"The memory cannot be read: {fault.strerror or fault}."
        raise SourceError(what, where=where, right=RIGHT) from None
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        mark = getattr(fault, "problem_mark", None)
        where = Place(path=str(path), at=f"line {mark.line + 1}" if mark else "")
        raise SourceError("The file is no YAML.", where=where, right=RIGHT) from None
    if not isinstance(value, dict):
        raise SourceError("The file holds no services.", where=where, right=RIGHT)
    return value


@dataclass(slots=True)
class _Reading:
    path: Path
    case_id: str | None
    rows: list[dict[str, Any]] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    seen: set[tuple[Any, ...]] = field(default_factory=set)

    def reject(self, service: str, number: int, reason: str) -> None:
        at = f"{redact(service)}, entry {number}" if number else redact(service)
        self.rejections.append(Rejection(path=shown(self.path), at=at, reason=reason))

    def take(self, service: str, number: int, entry: object) -> None:
        fault = _fault(entry)
        if fault or not isinstance(entry, dict):
            self.reject(service, number, fault)
            return
        said = {name: _text(entry.get(name)) for name in TEXTS}
        key = (service, said["error"], said["source"])
        if key in self.seen:
            self.reject(service, number, "the same error of the same source stands above")
            return
        self.seen.add(key)
        rate = entry.get("success_rate")
        extra = {str(k): v for k, v in entry.items() if k not in OWN}
        self.rows.append(
            {
                "case_id": self.case_id,
                "service": storable(redact(service)),
                **said,
                "support": entry.get("support"),
                "success_rate": None if rate is None else float(rate),
                "extra": as_json(extra) if extra else None,
                "loaded_from": shown(self.path.resolve()),
                "origin_path": shown(self.path),
                "origin_line": len(self.rows) + 1,
            }
        )


def _fault(entry: object) -> str:
    if not isinstance(entry, dict):
        return "the entry is no mapping"
    if not isinstance(entry.get("error"), str) or not entry["error"].strip():
        return "error is missing"
    support, rate = entry.get("support"), entry.get("success_rate")
    if support is not None and (
        isinstance(support, bool) or not isinstance(support, int) or not 0 <= support < 2**32
    ):
        return "support is no count"
    if rate is not None and (
        isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1
    ):
        return "success_rate is no share between 0 and 1"
    return ""


def _text(value: object) -> str | None:
    return None if value is None else storable(redact(str(value)))

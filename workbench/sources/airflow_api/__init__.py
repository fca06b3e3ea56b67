"""Failed tries by Airflow's REST API: saved answers, and a server asked by its address."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from workbench.domain.loading import Batch, Known
from workbench.errors import Place, SourceError
from workbench.sources.airflow_api.answers import take
from workbench.sources.airflow_api.client import Client, Login
from workbench.sources.airflow_api.sweep import ASKED, SWEPT, Sweep
from workbench.sources.installations.failed import add_failures
from workbench.sources.installations.told import Told
from workbench.sources.task_logs.places import shown
from workbench.sources.task_logs.records import Origin, Records, rejection

__all__ = ["AnswerSource", "Login", "read_answers", "read_server"]

MOST_BYTES = 256 << 20
RIGHT = "Read are answers of /api/v1 and /api/v2: taskInstances, tries, logs, dagRuns, eventLogs."


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSource:
    """Saved answers: one file, or a folder of them; a server's come there first."""

    kind: ClassVar[str] = "failures"
    unit: ClassVar[str] = "failures"
    path: Path
    address: str | None = None
    case_id: str | None = None
    site: str | None = None
    sweep: Sweep | None = None

    @property
    def name(self) -> str:
        return self.address or self.path.name

    @property
    def location(self) -> str:
        return self.address or str(self.path)

    def read(self, known: Known) -> Iterator[Batch]:
        """One batch: what an answer says of a run counts for the tasks of another answer."""
        del known
        if self.sweep is not None:
            self.sweep.run()
        place = self.address or shown(self.path.resolve())
        origin = Origin(case_id=self.case_id, site=self.site, loaded_from=place)
        records = Records(origin)
        told: dict[str, Told] = {}
        found = 0
        for path, value, asked in self._answers(records):
            major = asked.get("major") or major_of(value)
            known_so_far = told.setdefault(major, Told(origin=origin, source="rest", major=major))
            inside = path.relative_to(self.path).as_posix() if path != self.path else path.name
            taken = take(value, known_so_far, records, path=shown(inside), asked=asked)
            found += taken
            if not taken and not asked:
                records.reject(path, 0, "no answer of Airflow's REST API stands in it")
        frames: dict[str, list[Any]] = {}
        for each in told.values():
            add_failures(each, records)
            for name, frame in each.frames().items():
                frames.setdefault(name, []).append(frame)
        import polars as pl

        faults = [rejection(*fault) for fault in records.faults]
        faults += self.sweep.rejections if self.sweep is not None else []
        yield Batch(
            frames={
                **{name: pl.concat(parts) for name, parts in frames.items()},
                "failures": records.frame(),
            },
            rejections=tuple(faults),
        )

    def _answers(self, records: Records) -> Iterator[tuple[Path, object, dict[str, Any]]]:
        paths: Iterable[Path] = (
            sorted(p for p in self.path.rglob("*.json") if p.is_file() and p.name != SWEPT)
            if self.path.is_dir()
            else [self.path]
        )
        for path in paths:
            try:
                if path.stat().st_size > MOST_BYTES:
                    records.reject(path, 0, f"the file is larger than {MOST_BYTES:,} bytes")
                    continue
                value = json.loads(path.read_bytes().decode("utf-8-sig", "replace"))
            except (OSError, ValueError, RecursionError, MemoryError) as fault:
                records.reject(path, 0, f"the file is no JSON: {fault}"[:200])
                continue
            if isinstance(value, dict) and ASKED in value:
                asked = value[ASKED] if isinstance(value[ASKED], dict) else {}
                yield path, value.get("answer"), {**asked}
            else:
                yield path, value, {}


def read_answers(
    path: str | Path, *, case_id: str | None = None, site: str | None = None
) -> AnswerSource:
    """Read saved answers of the REST API: a JSON file, or a folder of them.

    Parameters
    ----------
    path : str or Path
        A file or a folder.
    case_id : str, optional
        The case whose failures they are.
    site : str, optional
        Name of the Airflow installation, where several run the same DAGs.

    Raises
    ------
    SourceError
        There is no such path.
    """
    location = Path(path).expanduser()
    if not location.exists():
        raise SourceError("There is no such file.", where=Place(path=str(location)), right=RIGHT)
    return AnswerSource(path=location, case_id=case_id, site=site)


def read_server(
    address: str,
    *,
    captures: Path,
    login: Login | None = None,
    case_id: str | None = None,
    site: str | None = None,
) -> AnswerSource:
    """Ask a server for its failures, by GET only; answers are kept, redacted, before they are read.

    What was kept of a sweep that was cut off is not asked for again.

    Parameters
    ----------
    address : str
        The server's address, without ``/api/...``.
    captures : Path
        Folder that answers are kept in.
    login : Login, optional
        Token, or user and password; of the environment when left out.
    case_id, site : str, optional
        As for :func:`read_answers`.

    Raises
    ------
    SourceError
        It is no address.
    """
    client = Client(address, login=login or Login.of_environment())
    sweep = Sweep(client, captures)
    return AnswerSource(
        path=sweep.folder, address=client.shown, case_id=case_id, site=site, sweep=sweep
    )


def major_of(value: object) -> str:
    """First part of the version whose API gave an answer: 2 for v1, 3 for v2."""
    text = json.dumps(value)[:200_000] if not isinstance(value, str) else value
    if '"execution_date"' in text or '"sla_miss"' in text or '"content": "[(' in text:
        return "2"
    if '"import_error_id"' in text and '"bundle_name"' not in text:
        return "2"
    return "3"

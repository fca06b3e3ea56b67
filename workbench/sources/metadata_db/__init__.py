"""Failed tries out of Airflow's own database, read-only: a SQLite file, or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from workbench.domain.failures import FAILURES
from workbench.domain.loading import Batch, Known
from workbench.errors import Place, SourceError
from workbench.sources.installations.failed import add_failures
from workbench.sources.installations.told import Told
from workbench.sources.metadata_db.connections import Database, open_postgres, open_sqlite
from workbench.sources.metadata_db.structure import add_structure
from workbench.sources.task_logs.listener_lines import add_broken_file
from workbench.sources.task_logs.moments import moment
from workbench.sources.task_logs.places import shown
from workbench.sources.task_logs.records import Origin, Records, rejection

__all__ = ["DatabaseSource", "is_dsn", "is_sqlite", "read_metadata"]

TABLES = ("task_instance", "dag_run")
RIGHT = "Read is the metadata database of Airflow 2.x or 3.x."


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DatabaseSource:
    """A metadata database; a DSN is never shown whole."""

    kind: ClassVar[str] = "failures"
    unit: ClassVar[str] = "failures"
    dsn: str
    location: str
    case_id: str | None = None
    site: str | None = None

    @property
    def name(self) -> str:
        return self.location.rpartition("/")[2] or self.location

    def read(self, known: Known) -> Iterator[Batch]:
        """One batch: the state of a run counts for its tasks."""
        del known
        origin = Origin(case_id=self.case_id, site=self.site, loaded_from=self.location)
        records = Records(origin)
        with closing(_opened(self.dsn)) as database:
            columns = database.columns()
            if missing := [t for t in TABLES if t not in columns]:
                what = f"It is no metadata database of Airflow: {', '.join(missing)} is missing."
                raise SourceError(what, where=Place(path=self.location), right=RIGHT)
            major = "2" if "execution_date" in columns["dag_run"] else "3"
            if "dag_version" in columns or "bundle_version" in columns["dag_run"]:
                major = "3"
            told = Told(origin=origin, source="database", major=major)
            _take(database, columns, told, records)
        add_failures(told, records)
        yield Batch(
            frames={**told.frames(), FAILURES.name: records.frame()},
            rejections=tuple(rejection(*fault) for fault in records.faults),
        )


def read_metadata(
    dsn: str | Path, *, case_id: str | None = None, site: str | None = None
) -> DatabaseSource:
    """Read tries, history, runs, events, import errors and the DAGs' structure.

    Parameters
    ----------
    dsn : str or Path
        A SQLite file, or ``postgresql://...``.
    case_id : str, optional
        The case whose failures they are.
    site : str, optional
        Name of the Airflow installation, where several run the same DAGs.

    Raises
    ------
    SourceError
        The file is no SQLite database.
    """
    text = str(dsn)
    if is_dsn(text):
        return DatabaseSource(dsn=text, location=_shown(text), case_id=case_id, site=site)
    path = Path(text).expanduser()
    if not is_sqlite(path):
        raise SourceError("It is no SQLite file.", where=Place(path=str(path)), right=RIGHT)
    return DatabaseSource(dsn=str(path), location=shown(path.resolve()), case_id=case_id, site=site)


def is_dsn(text: str) -> bool:
    """Whether a word names a PostgreSQL database."""
    return text.startswith(("postgresql://", "postgres://", "postgresql+psycopg"))


def is_sqlite(path: Path) -> bool:
    """Whether a file begins as SQLite's do."""
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError:
        return False


def _shown(dsn: str) -> str:
    from urllib.parse import urlsplit

    parts = urlsplit(dsn)
    port = f":{parts.port}" if parts.port else ""
    return f"postgresql://{parts.hostname or ''}{port}{parts.path}"


def _opened(dsn: str) -> Database:
    return open_postgres(dsn) if is_dsn(dsn) else open_sqlite(Path(dsn))


def _take(
    database: Database,
    columns: Mapping[str, frozenset[str]],
    told: Told,
    records: Records,
) -> None:
    place = told.origin.loaded_from

    def rows(table: str) -> Iterator[dict[str, Any]]:
        return database.rows(table, columns[table]) if table in columns else iter(())

    # the history first: what stands in both is as the current row says
    for table in ("task_instance_history", "task_instance"):
        for row in rows(table):
            told.add_try(row, path=f"{place}#{table}")
    for row in rows("dag_run"):
        told.add_run(row, path=f"{place}#dag_run")
    for row in rows("log"):
        told.add_event(row, path=f"{place}#log")
    for row in rows("import_error"):
        _broken(row, told, records, f"{place}#import_error")
    for row in rows("serialized_dag"):
        if fault := add_structure(row, told, path=f"{place}#serialized_dag"):
            records.reject(f"{place}#serialized_dag", 0, fault)


def _broken(row: dict[str, Any], told: Told, records: Records, path: str) -> None:
    add_broken_file(
        records,
        str(row.get("filename") or ""),
        str(row.get("stacktrace") or ""),
        at=moment(row.get("timestamp")),
        source="database",
        path=path,
        line=0,
        version=told.major,
    )

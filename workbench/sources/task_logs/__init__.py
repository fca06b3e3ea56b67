"""Failed tries out of task logs: trees of Airflow 3 and 2, single files, gathered texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from workbench.domain.loading import Batch, Known
from workbench.errors import Place, SourceError
from workbench.sources.task_logs.gathering import Gathering
from workbench.sources.task_logs.given_rows import Content, content_of
from workbench.sources.task_logs.lines import file_lines
from workbench.sources.task_logs.listener_lines import read_listener
from workbench.sources.task_logs.places import log_file, log_files, shown
from workbench.sources.task_logs.records import Origin
from workbench.sources.task_logs.scheduler_lines import read_scheduler
from workbench.sources.task_logs.shards import (
    LineReader,
    Shard,
    read_gathered,
    read_shards,
    shards_of_file,
    shards_of_logs,
)

__all__ = ["FailureSource", "read_failures"]

READERS: Mapping[Content, LineReader] = {
    Content.GATHERED: read_gathered,
    Content.LISTENER: read_listener,
    Content.SCHEDULER: read_scheduler,
}
READ = (
    "Read are: a tree dag_id=/run_id=/task_id=/[map_index=/]attempt=N.log, one such log, and JSON "
    "lines with id and text."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureSource:
    """The failed tries of a tree or a file; ``case_id`` is null when they are loaded alone."""

    kind: ClassVar[str] = "failures"
    unit: ClassVar[str] = "failures"
    path: Path
    case_id: str | None
    site: str | None = None

    @property
    def name(self) -> str:
        return self.path.name or self.path.resolve().name

    @property
    def location(self) -> str:
        return str(self.path)

    def read(self, known: Known) -> Iterator[Batch]:
        """Batches of failed tries; a note counts the logs that tell of no failure."""
        del known  # records are told apart when they are written
        origin = Origin(
            case_id=self.case_id, site=self.site, loaded_from=shown(self.path.resolve())
        )
        gathering = Gathering()
        try:
            for read in read_shards(self._shards(origin, gathering)):
                yield gathering.batch(read)
        except OSError as fault:
            raise _unreadable(self.path, fault) from None
        yield gathering.end()

    def _shards(self, origin: Origin, gathering: Gathering) -> Iterator[Shard]:
        if self.path.is_dir():
            found = gathering.logs(log_files(self.path), root=self.path)
            yield from shards_of_logs(found, origin=origin)
        elif reader := READERS.get(content_of(file_lines(self.path))):
            yield from shards_of_file(self.path, origin=origin, reader=reader)
        else:
            yield from shards_of_logs([log_file(self.path)], origin=origin)


def read_failures(
    path: str | Path, *, case_id: str | None = None, site: str | None = None
) -> FailureSource:
    """Read failed tries: a tree of task logs, one task log, a scheduler's log, or JSON lines.

    Every text is redacted as it is read. A log without a failure gives no row.

    Parameters
    ----------
    path : str or Path
        A folder or a file.
    case_id : str, optional
        The case whose failures they are.
    site : str, optional
        Name of the Airflow installation, where several run the same DAGs.

    Raises
    ------
    SourceError
        There is no such path, or it cannot be read.
    """
    location = Path(path).expanduser()
    try:
        if location.is_dir():
            next(location.iterdir(), None)
        else:
            _check_file(location)
    except OSError as fault:
        raise _unreadable(location, fault) from None
    return FailureSource(path=location, case_id=case_id, site=site)


def _unreadable(path: Path, fault: OSError) -> SourceError:
    what = f"The task logs cannot be read: {fault.strerror or fault}."
    return SourceError(what, where=Place(path=str(path)), right=READ)


def _check_file(path: Path) -> None:
    """Refuse a file that is no text, or in another format."""
    if path.exists() and not path.is_file():
        raise SourceError("It is no file.", where=Place(path=str(path)), right=READ)
    with path.open("rb") as file:
        head = file.read(4096)
    if b"\0" in head:
        raise SourceError("The file is no text.", where=Place(path=str(path)), right=READ)
    if content_of(file_lines(path)) is Content.OBJECTS:
        what = "The JSON lines are neither a task log (event) nor gathered failures (text)."
        raise SourceError(what, where=Place(path=str(path)), right=READ)

"""Failed tries out of task logs: trees of Airflow 3 and 2, single files, gathered texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from workbench.domain.failures import FAILURES
from workbench.domain.history import Rejection
from workbench.domain.loading import Batch, Known
from workbench.errors import Place, SourceError
from workbench.sources.task_logs.attempts import Attempt, read_attempt
from workbench.sources.task_logs.given_rows import Content, content_of, gathered_rows
from workbench.sources.task_logs.lines import file_lines
from workbench.sources.task_logs.places import LogFile, log_file, log_files, shown
from workbench.sources.task_logs.rows import as_told, digest, failure_row, number, storable
from workbench.text.redact import redact

__all__ = ["FailureSource", "read_failures"]

BATCH_ROWS = 200
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

    @property
    def name(self) -> str:
        return self.path.name or self.path.resolve().name

    @property
    def location(self) -> str:
        return str(self.path)

    def read(self, known: Known) -> Iterator[Batch]:
        """Batches of failed tries; a note counts the logs that tell of no failure."""
        del known  # rows are told apart by their key when they are written
        rows = _Rows(case_id=self.case_id)
        try:
            for _ in self._tries(rows):
                if len(rows.rows) >= BATCH_ROWS:
                    yield rows.batch()
        except OSError as fault:
            raise _unreadable(self.path, fault) from None
        yield rows.batch(note=rows.note())

    def _tries(self, rows: _Rows) -> Iterator[None]:
        """Read file after file into the rows."""
        if self.path.is_dir():
            for found in log_files(self.path):
                rows.add_found(found, self.path)
                yield
        elif content_of(file_lines(self.path)) is Content.GATHERED:
            for line, row in gathered_rows(file_lines(self.path)):
                rows.add_gathered(self.path, line, row)
                yield
        else:
            rows.add_log(log_file(self.path))
            yield


def read_failures(path: str | Path, *, case_id: str | None = None) -> FailureSource:
    """Read failed tries: a tree of task logs, one task log, or JSON lines with id and text.

    Every text is redacted as it is read. A log without a failure gives no row.

    Parameters
    ----------
    path : str or Path
        A folder or a file.
    case_id : str, optional
        The case whose failures they are.

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
    return FailureSource(path=location, case_id=case_id)


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


class _Rows:
    """Rows as they come, each id once, and what was rejected."""

    def __init__(self, *, case_id: str | None) -> None:
        self._case_id = case_id
        self._seen: dict[str, tuple[str, str]] = {}
        self.rows: list[dict[str, object]] = []
        self.rejections: list[Rejection] = []
        self.unchanged = 0
        self.logs = self.without = self.others = 0

    def add_found(self, found: LogFile | Path | OSError, root: Path) -> None:
        """Take what stands in a tree: a try, another file, or a folder that is closed."""
        if isinstance(found, LogFile):
            self.add_log(found)
        elif isinstance(found, OSError):
            reason = f"the folder cannot be read: {found.strerror or found}"
            self._reject(found.filename or root, 0, reason)
        else:
            self.others += 1

    def add_log(self, log: LogFile) -> None:
        """Read a try's log, and the triggerer's part of it if there is one."""
        attempt = self._read(log.path)
        if attempt is None:
            return
        self.logs += 1
        if attempt.failed is None:
            self.without += 1
            return
        extra = self._triggered(log)
        row = failure_row(attempt, attempt.failed, extra=extra)
        said = attempt.ids
        row |= {
            "airflow_version": None,
            "dag_id": log.dag_id or said.get("dag_id"),
            "run_id": log.run_id or said.get("run_id"),
            "task_id": log.task_id or said.get("task_id"),
            "map_index": number(said.get("map_index")) if log.map_index < 0 else log.map_index,
            "try_number": number(said.get("number")) if log.try_number is None else log.try_number,
        }
        row["failure_id"] = digest(log.origin, row["try_number"], row["at_utc"])
        self._add(row, log.path, log.origin)

    def add_gathered(self, path: Path, line: int, row: dict[str, Any] | str) -> None:
        """Take a gathered text, or the reason why it is none."""
        if isinstance(row, str):
            self._reject(path, line, row)
        else:
            self._add({**row, "origin_line": line}, path, shown(path))

    def batch(self, note: str = "") -> Batch:
        """Return what has come since the last batch."""
        made = Batch(
            frames={FAILURES.name: FAILURES.frame(self.rows)},
            rejections=tuple(self.rejections),
            unchanged=self.unchanged,
            note=note,
        )
        self.rows, self.rejections, self.unchanged = [], [], 0
        return made

    def note(self) -> str:
        """Say what gave no row."""
        said = []
        if self.without:
            said.append(f"{self.without} of {self.logs} logs tell of no failure")
        if self.others:
            said.append(f"{self.others} files are no attempt=N.log: not read")
        return "; ".join(said)

    def _add(self, row: dict[str, Any], path: Path, origin: str) -> None:
        row["origin_path"], row["case_id"] = origin, self._case_id
        for name in ("dag_id", "run_id", "task_id"):
            row[name] = storable(redact(row[name])) if row[name] else None
        row["map_index"] = -1 if row["map_index"] is None else row["map_index"]
        place = f"{origin}: line {row['origin_line']}"
        content = digest({**row, "origin_path": "", "origin_line": 0})
        first, same = self._seen.setdefault(str(row["failure_id"]), (place, content))
        if first == place:
            self.rows.append(row)
        elif same == content:
            self.unchanged += 1
        else:
            self._reject(path, row["origin_line"], f"its id is that of {first}, with other content")

    def _read(self, path: Path) -> Attempt | None:
        try:
            attempt = read_attempt(file_lines(path))
        except OSError as fault:
            self._reject(path, 0, f"the file cannot be read: {fault.strerror or fault}")
            return None
        for line, reason in attempt.faults:
            self._reject(path, line, reason)
        if attempt.more_faults:
            self._reject(path, 0, f"{attempt.more_faults} more lines have such faults")
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

    def _reject(self, path: Path | str, line: int, reason: str) -> None:
        at = f"line {line}" if line else ""
        self.rejections.append(Rejection(path=shown(path), at=at, reason=reason))

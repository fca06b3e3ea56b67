"""Errors say what is wrong, where, what would be right, and what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a file or document: ``path`` and, inside it, ``at`` (a line, a key, a byte)."""

    path: str
    at: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.at}" if self.at else self.path


class WorkbenchError(Exception):
    """The root of every error that the workbench raises on purpose.

    Parameters
    ----------
    what : str
        What is wrong, in one sentence. Its wording is no interface; the attributes are one.
    where : Place, optional
        The place of the fault.
    right : str
        What would be right.
    todo : str
        What the reader can do now.
    """

    def __init__(
        self, what: str, *, where: Place | None = None, right: str = "", todo: str = ""
    ) -> None:
        self.what, self.where, self.right, self.todo = what, where, right, todo
        head = f"{where}: {what}" if where else what
        super().__init__(" ".join(part for part in (head, right, todo) if part))


class SourceError(WorkbenchError):
    """An input cannot be read at all (single dirty rows become rejections instead)."""


class StoreError(WorkbenchError):
    """The DuckDB file cannot be opened, migrated, locked or written."""


class PatternError(WorkbenchError):
    """A file under ``patterns/`` is wrong; ``problems`` lists every defect found in it."""

    def __init__(
        self, what: str, *, problems: tuple[object, ...] = (), where: Place | None = None
    ) -> None:
        self.problems = problems
        super().__init__("\n".join([what, *(f"  {p}" for p in problems)]), where=where)


class DetectorError(WorkbenchError):
    """A detector was refused, ran out of time or memory, or returned the wrong columns."""


class UnknownNameError(WorkbenchError, LookupError):
    """A name that does not exist; the message lists what exists."""


class LabError(WorkbenchError):
    """The lab cannot start a database, or may not write to one, or cannot measure."""


class ExportError(WorkbenchError):
    """A document would not be valid, so it was not written."""


class EndpointError(WorkbenchError):
    """A language model's endpoint is not set up rightly, or gave no answer that is one."""

"""Words of the DAG rules: a rule, a finding in a DAG file, and the Airflow that a project runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from workbench.domain.history import Rejection, Severity


class Primitive(StrEnum):
    """What Airflow 3.3 offers to keep state, by the name it has in code."""

    TASK_STORE = "task_state_store"
    """Keys of one task instance: they survive its retries, and no other task or run sees them."""
    ASSET_STORE = "asset_state_store"
    """Keys of one asset: they outlive the run, and the last writer wins."""
    MIXIN = "ResumableJobMixin"
    """An operator that finds its running job again after a crash of the worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFact:
    """A fact that a rule leans on, the released file it was read in, and where others differ."""

    fact: str
    source: str
    differs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleExample:
    """A DAG file beside a rule: ``lines`` are those of the findings it must give (none: clean).

    ``file`` is relative to ``examples/``; ``fixed`` is the file that the patch must lead to,
    ``before`` the version that a change is compared with.
    """

    file: str
    why: str
    lines: tuple[int, ...] = ()
    fixed: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DagRule:
    """One class of misplaced state, as its folder tells it.

    ``message`` takes fields in braces; ``advice`` is for Airflow 3.3 and later, ``below`` for what
    came before and names nothing that does not exist there. ``messages`` and ``advices`` are those
    of special cases, by the case's name.
    """

    id: str
    code: str
    version: int
    title: str
    severity: Severity
    primitives: tuple[Primitive, ...]
    describe: str
    message: str
    why: str
    advice: str
    below: str
    messages: dict[str, str] = field(default_factory=dict)
    advices: dict[str, str] = field(default_factory=dict)
    facts: tuple[CheckedFact, ...] = ()
    limits: tuple[str, ...] = ()
    not_for: tuple[str, ...] = ()
    examples: tuple[RuleExample, ...] = ()
    folder: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AirflowVersion:
    """The Airflow that a project runs: ``has_store`` is None where nothing tells.

    ``text`` is the version or range as it was found, ``source`` says where.
    """

    text: str = ""
    has_store: bool | None = None
    source: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({self.source})" if self.text else "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class DagFinding:
    """Misplaced state in a DAG file.

    ``fix`` is a unified diff of the file, or None where a person has to decide.
    """

    path: str
    line: int
    column: int
    rule: str
    code: str
    severity: Severity
    message: str
    why: str
    advice: str
    primitive: Primitive | None = None
    task: str | None = None
    key: str | None = None
    read_line: int | None = None
    write_line: int | None = None
    fix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DagCheck:
    """What a check of DAG files answers.

    ``versions`` tells the Airflow of each checked path, ``ignored`` what an ``.airflowignore``
    left out.
    """

    findings: tuple[DagFinding, ...]
    rejections: tuple[Rejection, ...]
    files: int
    ignored: tuple[str, ...] = ()
    versions: dict[str, AirflowVersion] = field(default_factory=dict)
    seconds: float = 0.0

"""What a rule found, before it is put into words: the place, the events, the way to repair it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from workbench.analysis.dag_rules.flow import Flow
from workbench.analysis.dag_rules.modules import Module
from workbench.analysis.dag_rules.tasks import Task
from workbench.analysis.dag_rules.values import Event, Kept
from workbench.domain.dag_rules import Primitive


class Repair(StrEnum):
    """How a text is repaired."""

    TASK_STORE = "task-store"
    """The events speak to the task's own store instead."""
    ASSET_STORE = "asset-store"
    """The events speak to an asset's store instead."""
    NEW_ASSET = "new-asset"
    """The same, of an asset that is made for it."""
    CLOCK = "clock"
    """The naive clock becomes an aware one."""
    MAPPED_KEY = "mapped-key"
    """The key gets the copy's number."""
    MIXIN_FIRST = "mixin-first"
    """The mixin goes to the front of the bases."""
    DELEGATE = "delegate"
    """``execute`` hands over to the mixin."""
    HANDOVER = "handover"
    """A value that one task's store held for another goes by XCom instead."""
    EXECUTE = "execute"
    """The class gets an ``execute`` that hands over to the mixin."""
    RETRIES = "retries"
    """The operator is made with retries."""
    FORMER_KEY = "former-key"
    """The job's id is kept under the key of the version before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One finding of one rule; ``case`` names the message, ``fields`` fill it.

    ``reader`` is the task that reads, where another one writes.
    """

    rule: str
    node: ast.AST
    task: Task | None = None
    name: str = ""
    key: str = ""
    read: Event | None = None
    write: Event | None = None
    primitive: Primitive | None = None
    case: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    repair: Repair | None = None
    events: tuple[Event, ...] = ()
    reader: Task | None = None

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks whose text a repair may change."""
        return tuple(task for task in (self.task, self.reader) if task is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A file with its tasks followed: what every rule looks at.

    ``before`` is the same file in an earlier version, where one is compared with.
    """

    module: Module
    flows: Sequence[Flow]
    imported: Flow
    before: Module | None = None

    def by_place(self, flow: Flow) -> Iterator[list[Event]]:
        """Events of one flow that speak of the same known key, own XComs alone."""
        found: dict[tuple[str, str, str], list[Event]] = {}
        for event in flow.events:
            if event.key.shape and (event.own or event.kept is not Kept.XCOM):
                found.setdefault(event.place, []).append(event)
        yield from found.values()

    def everywhere(self) -> Iterator[tuple[Flow, Event]]:
        """Every event of every task and of the import."""
        for flow in (*self.flows, self.imported):
            for event in flow.events:
                yield flow, event

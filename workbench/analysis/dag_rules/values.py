"""What a name stands for inside a task, and what the task does with kept state."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Source(StrEnum):
    """Where a value came from."""

    READ = "read"
    """A read of kept state; the origin's key says of which."""
    SUBMIT = "submit"
    """A call that starts a job elsewhere."""
    NAIVE_CLOCK = "naive-clock"
    """The wall clock without a time zone."""
    AWARE_CLOCK = "aware-clock"
    """The wall clock with its time zone."""
    BULK = "bulk"
    """Rows, frames or file contents."""
    SECRET = "secret"
    """A password or the like of a connection."""
    PARAMETER = "parameter"
    """An argument of the task: it differs between the copies of a mapped task."""
    MAP_INDEX = "map-index"
    """The number of a copy of a mapped task."""
    RUN = "run"
    """What differs between runs: the run's id or date."""


@dataclass(frozen=True, slots=True)
class Origin:
    """One place that a value came from."""

    source: Source
    line: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression stands for, as far as the text tells.

    ``name`` is a dotted name (``airflow.sdk.Variable``) or a role (``@ti``); ``shape`` is the text
    of a constant, or of what makes two keys the same one; ``fixed`` says that it is a constant.
    """

    name: str = ""
    shape: str = ""
    fixed: bool = False
    origins: frozenset[Origin] = frozenset()
    node: ast.AST | None = field(default=None, compare=False)

    def has(self, *sources: Source) -> bool:
        """Whether some of it came from one of these."""
        return any(origin.source in sources for origin in self.origins)

    def reads(self, key: str) -> bool:
        """Whether some of it came from a read of this key."""
        return any(o.source is Source.READ and o.key == key for o in self.origins)

    def without(self, *sources: Source) -> Value:
        """The same value with these origins forgotten."""
        return replace(self, origins=frozenset(o for o in self.origins if o.source not in sources))


UNKNOWN = Value()


def mixed(*values: Value) -> Value:
    """What is made of several values: all their origins, no name."""
    return Value(origins=frozenset().union(*(v.origins for v in values)))


def either(one: Value, other: Value) -> Value:
    """What stands in a name after two ways through the code."""
    if one == other:
        return one
    if not one.name or not other.name:
        kept = one if one.name else other
        return Value(
            name=kept.name,
            shape=kept.shape if not (one.fixed or other.fixed) else "",
            origins=one.origins | other.origins,
            node=kept.node,
        )
    return mixed(one, other)


class Kept(StrEnum):
    """Where state is kept."""

    VARIABLE = "variable"
    XCOM = "xcom"
    TASK_STORE = "task-store"
    ASSET_STORE = "asset-store"


class Act(StrEnum):
    """What is done with it."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One read, write or delete of kept state that a task reaches.

    ``own`` says that an XCom is the task's own (``named``: by its id), ``across`` that it may be an
    earlier run's; ``owner`` is the asset, or the task that an XCom is pulled from; ``tried`` says
    that an error of the call is caught; ``function`` is the function that the call stands in.
    """

    act: Act
    kept: Kept
    key: Value
    value: Value
    node: ast.AST
    line: int
    order: int
    in_loop: bool = False
    own: bool = True
    named: bool = False
    across: bool = False
    owner: str = ""
    template: bool = False
    tried: bool = False
    function: ast.AST | None = None

    @property
    def place(self) -> tuple[str, str, str]:
        """What makes two events speak of the same state."""
        return (self.kept, self.owner, self.key.shape)

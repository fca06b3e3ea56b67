"""Words of Airflow's state store: its calls, its settings, and where each was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from workbench.domain.history import Severity


class Store(StrEnum):
    """Which of the three primitives a statement is about."""

    TASK = "task"
    """Keys of one task in one DAG run; retries of the task share them."""
    ASSET = "asset"
    """Keys of one asset; every run shares them."""
    MIXIN = "mixin"
    """An operator that takes up its external job again after a retry."""
    BACKEND = "backend"
    """Where values are kept."""


class ValueType(StrEnum):
    """How Airflow reads the text of a setting."""

    TEXT = "text"
    CLASS_PATH = "class-path"
    INTEGER = "integer"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a statement was read: a file of a released wheel and a symbol in it.

    ``mentions`` are identifiers or constants that the symbol's code holds, ``lacks`` those that
    it does not hold; ``since`` is the first release for which the statement is true.
    """

    wheel: str
    file: str
    symbol: str
    since: str
    mentions: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """One call that authors of DAGs write; the signature has names and defaults, no types."""

    id: str
    store: Store
    call: str
    signature: str
    means: str
    evidence: Evidence
    fails: str = ""
    differs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One configuration key.

    ``least`` is the smallest value that works, ``most`` the largest; ``read_by`` says which
    processes read it, ``when_zero`` what 0 switches off.
    """

    section: str
    key: str
    type: ValueType
    default: str
    means: str
    read_by: tuple[str, ...]
    evidence: Evidence
    least: int | None = None
    most: int | None = None
    when_zero: str = ""
    differs: str = ""

    @property
    def name(self) -> str:
        """The key with its section, as people write it."""
        return f"[{self.section}] {self.key}"

    @property
    def variable(self) -> str:
        """The environment variable that wins over the file."""
        return f"AIRFLOW__{self.section.upper()}__{self.key.upper()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One sentence on how a store behaves, under a topic (scope, retention, limits, ...)."""

    id: str
    store: Store
    topic: str
    says: str
    evidence: Evidence
    differs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release of Airflow's core and the task SDK that it pins."""

    core: str
    sdk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Everything stated about the state store; ``releases`` were read, the last one is current."""

    since: str
    checked: date
    releases: tuple[Release, ...]
    calls: tuple[ApiCall, ...]
    settings: tuple[Setting, ...]
    statements: tuple[Statement, ...]

    @property
    def release(self) -> Release:
        """The release whose behaviour is stated."""
        return self.releases[-1]

    def setting(self, key: str, *, section: str = "state_store") -> Setting:
        """Return the setting with this key; a key that is not there is a KeyError."""
        for found in self.settings:
            if (found.section, found.key) == (section, key):
                return found
        raise KeyError(f"[{section}] {key}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFinding:
    """One thing in a configuration that is wrong or has a consequence worth knowing.

    ``name`` is the key with its section, a variable of the environment, or a task; ``line`` is
    None for a variable, whose ``path`` is ``environment``.
    """

    rule: str
    severity: Severity
    path: str
    line: int | None
    name: str
    message: str
    todo: str = ""

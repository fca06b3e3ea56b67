"""How long tasks that keep state wait between their tries, as their DAG file says."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from workbench.analysis.dag_rules.classes import bases
from workbench.analysis.dag_rules.durations import INFINITE, number, seconds
from workbench.analysis.dag_rules.modules import Module, read_module
from workbench.analysis.dag_rules.tasks import Task, find_tasks, made_with
from workbench.analysis.dag_rules.words import DAG, MIXIN, OPERATOR
from workbench.domain.history import Rejection

STORE = "task_state_store"
RETRY_KEYS = ("retries", "retry_delay", "retry_exponential_backoff", "max_retry_delay")
COUNTED_ONE_BY_ONE = 1000
ELSEWHERE = re.compile("asset|Variable")
"""Receivers of a ``set`` that has nothing to do with the task store."""


class Keeps(StrEnum):
    """How a task keeps what its retries need."""

    STORE = "task store"
    """Its code calls the task store."""
    MIXIN = "resumable job"
    """Its class is built on the mixin, which keeps the id of the job."""
    UNKNOWN = "operator"
    """A class from elsewhere, which may be built on the mixin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrySetting:
    """Retries of one task; what the file leaves open is None and comes from the configuration.

    ``retention_seconds`` is the shortest that the task's own code asks for, infinite when all its
    keys are kept with NEVER_EXPIRE.
    """

    path: str
    line: int
    task: str
    keeps: Keeps
    retries: int | None = None
    delay_seconds: float | None = None
    multiplier: float = 0.0
    most_delay_seconds: float | None = None
    retention_seconds: float | None = None

    def waits(
        self, *, retries: int, delay_seconds: float, most_delay_seconds: float
    ) -> tuple[float, float]:
        """Return the longest wait between two tries and the sum of all waits, at worst.

        Parameters
        ----------
        retries, delay_seconds
            The configured values for what the file leaves open.
        most_delay_seconds
            The configured cap of waits that grow.
        """
        times = self.retries if self.retries is not None else retries
        delay = self.delay_seconds if self.delay_seconds is not None else delay_seconds
        if times <= 0:
            return 0.0, 0.0
        if self.multiplier in (0.0, 1.0) or self.multiplier < 0:
            return delay, delay * times
        cap = min(most_delay_seconds, self.most_delay_seconds or INFINITE)
        steps = [self._step(delay, at, cap) for at in range(min(times, COUNTED_ONE_BY_ONE))]
        return max(steps), sum(steps) + (times - len(steps)) * steps[-1]

    def _step(self, delay: float, at: int, cap: float) -> float:
        """Airflow adds to each wait that grows up to the same again, so that tries spread."""
        try:
            return min(2 * math.ceil(delay * self.multiplier**at), cap)
        except OverflowError:
            return cap


def retry_settings(
    tree: ast.Module, *, path: str
) -> tuple[tuple[RetrySetting, ...], tuple[Rejection, ...]]:
    """Read the retries of every task of a DAG file that keeps state or may do so.

    A value that only running the file would tell is a rejection; so is a file that is nested
    deeper than it can be followed.
    """
    try:
        return _settings(tree, path)
    except RecursionError:
        reason = "Is nested too deeply to be judged."
        return (), (Rejection(path=path, at="line 1", reason=reason),)


def _settings(
    tree: ast.Module, path: str
) -> tuple[tuple[RetrySetting, ...], tuple[Rejection, ...]]:
    module = read_module(tree)
    defaults = _defaults(module)
    found: list[RetrySetting] = []
    rejections: list[Rejection] = []
    for one in _keepers(module):
        keywords = {**defaults, **one.keywords}
        for key in RETRY_KEYS:
            if key in keywords and _read(module, key, keywords[key]) is None:
                reason = f"{key} is only known when the file runs; it was not judged."
                line = f"line {keywords[key].lineno}"
                rejections.append(Rejection(path=path, at=line, reason=reason))
        found.append(_setting(module, one, keywords, path))
    return tuple(found), tuple(dict.fromkeys(rejections))


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """A task that keeps state: where it stands, what it was made with, and its code."""

    name: str
    line: int
    keeps: Keeps
    keywords: Mapping[str, ast.expr]
    code: ast.AST | None = None


def _keepers(module: Module) -> Iterator[Keeper]:
    for task in find_tasks(module):
        if task.owner is None and STORE in _names(task):
            yield Keeper(
                name=task.name,
                line=task.entry.lineno,
                keeps=Keeps.STORE,
                keywords=task.keywords,
                code=task.entry,
            )
    for call in module.calls:
        dotted, keywords, _ = made_with(module, call)
        own = module.classes.get(dotted)
        if "task_id" not in keywords or "python_callable" in keywords:
            continue
        if own is None and OPERATOR.search(dotted):
            keeps = Keeps.UNKNOWN
        elif own and any(isinstance(b, str) and MIXIN.fullmatch(b) for b in bases(module, own)):
            keeps = Keeps.MIXIN
        else:
            continue
        name = module.text(keywords["task_id"]) or dotted
        yield Keeper(name=name, line=call.lineno, keeps=keeps, keywords=keywords)


def _names(task: Task) -> set[str]:
    """Names, arguments and text constants of a task's function."""
    found: set[str] = set()
    for node in ast.walk(task.entry):
        for name in ("id", "attr", "arg", "value"):
            if isinstance(word := getattr(node, name, None), str):
                found.add(word)
    return found


def _defaults(module: Module) -> dict[str, ast.expr]:
    """What a DAG of the file sets for all its tasks in ``default_args``."""
    for call in module.calls:
        given = module.keywords(call).get("default_args")
        if DAG.fullmatch(module.dotted(call.func)) and given is not None:
            return module.pairs(given)[0]
    return {}


def _read(module: Module, key: str, node: ast.expr) -> float | None:
    if key in ("retries", "retry_exponential_backoff"):
        # True was the way to ask for doubling before the value became a multiplier
        return 2.0 if module.literal(node) is True else number(module, node)
    if isinstance(node, ast.Constant) and node.value is None:
        return INFINITE
    return seconds(module, node)


def _setting(
    module: Module, one: Keeper, keywords: Mapping[str, ast.expr], path: str
) -> RetrySetting:
    read = {key: _read(module, key, keywords[key]) for key in RETRY_KEYS if key in keywords}
    times, most = read.get("retries"), read.get("max_retry_delay")
    return RetrySetting(
        path=path,
        line=one.line,
        task=one.name,
        keeps=one.keeps,
        retries=int(times) if times is not None and math.isfinite(times) else None,
        delay_seconds=read.get("retry_delay"),
        multiplier=read.get("retry_exponential_backoff") or 0.0,
        most_delay_seconds=None if most in (None, INFINITE) else most,
        retention_seconds=_retention(module, one.code),
    )


def _retention(module: Module, code: ast.AST | None) -> float | None:
    """The shortest retention that the code asks for; None when a write leaves it open."""
    asked: list[float | None] = []
    for node in ast.walk(code) if code else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            given = {k.arg: k.value for k in node.keywords if k.arg}
            elsewhere = ELSEWHERE.search(ast.unparse(node.func.value))
            if node.func.attr == "set" and len(node.args) + len(given) >= 2 and not elsewhere:
                kept = given.get("retention")
                asked.append(seconds(module, kept) if kept is not None else None)
    known = [value for value in asked if value is not None]
    if not known:
        return None
    return min(known) if len(known) == len(asked) or min(known) < INFINITE else None

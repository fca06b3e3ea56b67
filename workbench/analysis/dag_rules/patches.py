"""A finding's repair as a patch: the text before, the text after, the unified diff."""

from __future__ import annotations

import ast
import difflib
import warnings

from workbench.analysis.dag_rules.drafts import Draft, Repair, Study
from workbench.analysis.dag_rules.values import Event, Kept
from workbench.domain.dag_rules import AirflowVersion

APART = ("virtualenv", "external_python", "docker", "kubernetes", "ExternalPython", "Virtualenv")
ANYWHERE = frozenset({Repair.CLOCK})
UNSHARED = frozenset(
    {Repair.MAPPED_KEY, Repair.EXECUTE, Repair.RETRIES, Repair.FORMER_KEY, Repair.DELEGATE}
)
"""Repairs that leave alone where state is kept."""
"""Repairs that lean on nothing of Airflow 3.3."""


def repaired(text: str, draft: Draft, study: Study, version: AirflowVersion) -> str | None:
    """Return the file's text with one finding repaired; None when a person has to do it.

    What is returned compiles, and differs from what was given.
    """
    if draft.repair is None or not _may(draft, study, version):
        return None
    from workbench.analysis.dag_rules.rewriting import rewritten

    made = rewritten(text, draft, study)
    if made is None or made == text or not _compiles(made):
        return None
    return made


def unified(path: str, before: str, after: str) -> str:
    """Return the difference as ``git apply`` and ``patch -p1`` take it."""
    lines: list[str] = []
    for line in difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        f"a/{path.lstrip('/')}",
        f"b/{path.lstrip('/')}",
    ):
        lines.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(lines)


def _may(draft: Draft, study: Study, version: AirflowVersion) -> bool:
    if draft.repair in ANYWHERE:
        return True
    if version.has_store is False:
        return False
    if any(word in task.kind for task in draft.tasks for word in APART):
        return False  # such a task runs in a process that has no context
    if draft.repair not in UNSHARED and _shared(draft, study):
        return False
    return all(_alone(event, study) for event in draft.events)


def _shared(draft: Draft, study: Study) -> bool:
    """Whether another task of the file speaks of the same Variable: it would lose its other end."""
    places = {e.place for e in draft.events if e.kept is Kept.VARIABLE}
    own = {id(task.entry) for task in draft.tasks}
    return any(e.place in places and id(f.task.entry) not in own for f, e in study.everywhere())


def _alone(event: Event, study: Study) -> bool:
    """Whether a call serves one key of one task, so that changing it changes nothing else."""
    same = [(f.task, e) for f, e in study.everywhere() if e.node is event.node]
    return len({(id(task.entry), e.key.shape) for task, e in same}) == 1


def _compiles(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True

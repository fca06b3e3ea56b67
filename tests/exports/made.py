"""Patterns and findings made by hand for the tests of exports."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from workbench.domain.history import Severity
from workbench.domain.patterns import (
    Example,
    ExpectedHit,
    FailureMode,
    Lifecycle,
    Origin,
    Pattern,
    SqlDetector,
    Stage,
    TextDetector,
)

SHA = "a" * 40
RELEASE = "release:3.1.6..3.1.7"
FUNNEL = {"commits": 60, "examined": 20, "hits": 3, "findings": 2}


def pattern(pattern_id: str = "A-shared-mutable-state", **given: Any) -> Pattern:
    """A pattern on trial; keywords replace its fields."""
    fields: dict[str, Any] = {
        "id": pattern_id,
        "version": 2,
        "stage": Stage.TRIAL,
        "title": "Shared state changed in place",
        "severity": Severity.HIGH,
        "failure_mode": FailureMode.SLOW,
        "describe": "A function changes what its caller shares between calls.",
        "message": "{target} is changed in place",
        "advice": "Copy before changing.",
        "limits": ("cannot see through getattr",),
        "checklist": ("Who else holds it?",),
        "tags": ("scheduler",),
        "detector": SqlDetector(path="detector.sql", text="select sha from mutations_deltas"),
        "lifecycle": Lifecycle(created=date(2026, 2, 20), author="pattern-author"),
        "origins": (
            Origin(
                kind="incident", ref="2026-02-scheduler", date=date(2026, 2, 10), note="It hurt."
            ),
        ),
    }
    return Pattern(**(fields | given))


def text_pattern() -> Pattern:
    """A second pattern, with a text detector."""
    return pattern(
        "P-guard-removed",
        severity=Severity.MEDIUM_HIGH,
        detector=TextDetector(removed=r"return", paths=("*.py",)),
    )


def with_example(folder: Path) -> Pattern:
    """A pattern with one example whose files stand in ``folder``."""
    for side, text in (("before", "deps = set()\n"), ("after", "ctx.deps.add(1)\n")):
        (folder / side / "core").mkdir(parents=True)
        (folder / side / "core" / "loop.py").write_text(text, encoding="utf-8")
    hit = ExpectedHit(path="core/loop.py", line=1, severity=Severity.HIGH)
    example = Example(name="adds", why="The set is the caller's.", folder=folder, expect=(hit,))
    return pattern(examples=(example,))


def call_site(**given: Any) -> dict[str, Any]:
    """One place in a downstream."""
    return {
        "downstream": "our-executor",
        "path": "ours/executor.py",
        "line": 12,
        "expression": "TaskRow.evaluate(context)",
        "target": "core.loop.TaskRow.evaluate",
    } | given


def finding(**given: Any) -> dict[str, Any]:
    """A finding with one call site and a trace of two steps."""
    return {
        "sha": SHA,
        "path": "core/loop.py",
        "line": 41,
        "pattern": "A-shared-mutable-state",
        "stage": "trial",
        "names": ["core.loop.TaskRow.evaluate"],
        "kind": "break",
        "downstream": "our-executor",
        "severity": "HIGH",
        "qualname": "core.loop.TaskRow.evaluate",
        "message": "evaluate() changes context.deps in place.",
        "call_sites": [call_site()],
        "trace": [
            {
                "path": "core/loop.py",
                "line": 41,
                "relation": "changed",
                "text": "context.deps.add(Extra())",
                "where": "upstream",
            },
            {
                "path": "ours/executor.py",
                "line": 12,
                "relation": "calls",
                "text": "TaskRow.evaluate(context)",
                "where": "downstream",
            },
        ],
        "review": None,
        "fix": None,
    } | given


def everyone(**given: Any) -> dict[str, Any]:
    """A finding without a downstream."""
    return (
        finding(
            kind="everyone", downstream=None, call_sites=[], trace=[], pattern="P-guard-removed"
        )
        | given
    )

"""Patterns made in a line, for tests of analysis."""

from __future__ import annotations

from datetime import date
from typing import Any

from workbench.domain.history import Severity
from workbench.domain.patterns import (
    FailureMode,
    Lifecycle,
    Pattern,
    SqlDetector,
    Stage,
    TextDetector,
)


def pattern(detector: str | TextDetector, **more: Any) -> Pattern:
    """A pattern on trial around a detector: SQL as a text, or a text detector."""
    made: dict[str, Any] = {
        "id": "X-test",
        "version": 1,
        "stage": Stage.TRIAL,
        "title": "A test",
        "severity": Severity.MEDIUM,
        "failure_mode": FailureMode.CRASH,
        "describe": "A pattern that only tests know.",
        "message": "{qualname} changed.",
        "lifecycle": Lifecycle(created=date(2026, 1, 1), author="someone"),
        "detector": SqlDetector(path="patterns/X-test/detector.sql", text=detector)
        if isinstance(detector, str)
        else detector,
    }
    return Pattern(**(made | more))

"""The pattern library as our JSON document, miniatures of the examples included."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from workbench.domain.patterns import (
    Example,
    ExpectedHit,
    Lifecycle,
    Pattern,
    SqlDetector,
    TextDetector,
)
from workbench.exports.documents import Document, document


def patterns_document(patterns: Sequence[Pattern]) -> Document:
    """Return the ``workbench.patterns`` document; retired patterns stay in it as tombstones."""
    rows = [_pattern(pattern) for pattern in sorted(patterns, key=lambda p: p.id)]
    return document("workbench.patterns", {"patterns": rows})


def _pattern(pattern: Pattern) -> dict[str, Any]:
    return {
        "id": pattern.id,
        "version": pattern.version,
        "stage": str(pattern.stage),
        "title": pattern.title,
        "severity": str(pattern.severity),
        "failure_mode": str(pattern.failure_mode),
        "describe": pattern.describe,
        "message": pattern.message,
        "advice": pattern.advice,
        "limits": list(pattern.limits),
        "checklist": list(pattern.checklist),
        "tags": list(pattern.tags),
        "detector": _detector(pattern.detector),
        "examples": [_example(e) for e in sorted(pattern.examples, key=lambda e: e.name)],
        "origins": [
            {"kind": o.kind, "ref": o.ref, "date": o.date.isoformat(), "note": o.note}
            for o in pattern.origins
        ],
        "lifecycle": _lifecycle(pattern.lifecycle),
    }


def _detector(detector: TextDetector | SqlDetector) -> dict[str, Any]:
    if isinstance(detector, SqlDetector):
        return {"kind": "sql", "text": detector.text}
    return {
        "kind": "text",
        "removed": detector.removed,
        "added": detector.added,
        "absent": detector.absent,
        "paths": list(detector.paths),
        "skip_paths": list(detector.skip_paths),
    }


def _example(example: Example) -> dict[str, Any]:
    return {
        "name": example.name,
        "why": example.why,
        "expect": [_expected(hit) for hit in example.expect],
        "before": _tree(example.folder / "before"),
        "after": _tree(example.folder / "after"),
    }


def _expected(hit: ExpectedHit) -> dict[str, Any]:
    severity = None if hit.severity is None else str(hit.severity)
    return {"path": hit.path, "line": hit.line, "qualname": hit.qualname, "severity": severity}


def _tree(folder: Path) -> dict[str, str]:
    files = (p for p in sorted(folder.rglob("*")) if p.is_file() and "__pycache__" not in p.parts)
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files}


def _lifecycle(lifecycle: Lifecycle) -> dict[str, Any]:
    return {
        "created": lifecycle.created.isoformat(),
        "author": lifecycle.author,
        "reviewed": _day(lifecycle.reviewed),
        "reviewer": lifecycle.reviewer,
        "retired": _day(lifecycle.retired),
        "reason": lifecycle.reason,
        "replaced_by": lifecycle.replaced_by,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

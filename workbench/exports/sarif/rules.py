"""Patterns as SARIF rules, and five severities as SARIF's three levels and a rank."""

from __future__ import annotations

from typing import Any

from workbench.domain.history import Severity
from workbench.domain.patterns import Pattern, Stage
from workbench.exports.sarif.limits import Cuts, Limits

LEVELS = {
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.MEDIUM_HIGH: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}
PROBLEM_SEVERITIES = {"note": "recommendation", "warning": "warning", "error": "error"}
PRECISIONS = {Stage.ACTIVE: "high", Stage.TRIAL: "medium", Stage.WATCH: "medium"}
"""An active pattern has passed the precision gate; one on trial has not been judged yet."""


def rank(severity: Severity) -> float:
    """0 for LOW to 100 for CRITICAL: keeps the five severities apart where ``level`` cannot."""
    return 100.0 * severity.rank / (len(Severity) - 1)


def rule(pattern: Pattern, *, cuts: Cuts, limits: Limits) -> dict[str, Any]:
    """Return the reporting descriptor of a pattern."""
    level = LEVELS[pattern.severity]
    tags = ["upstream-change", pattern.failure_mode.value, f"stage/{pattern.stage.value}"]
    tags += sorted(set(pattern.tags) - set(tags))

    def short(text: str) -> dict[str, str]:
        return {"text": cuts.short(text, limits.text_characters, "ends of long rule texts")}

    return {
        "id": pattern.id,
        "name": cuts.short(_name(pattern.id), limits.name_characters, "ends of long rule names"),
        "shortDescription": short(pattern.title),
        "fullDescription": short(pattern.describe or pattern.title),
        "help": {"text": _help(pattern, markdown=False), "markdown": _help(pattern, markdown=True)},
        "defaultConfiguration": {"level": level, "rank": rank(pattern.severity)},
        "properties": {
            "tags": cuts.first(tags, limits.tags, "tags of rules"),
            "precision": PRECISIONS.get(pattern.stage, "low"),
            "problem.severity": PROBLEM_SEVERITIES[level],
            "severity": pattern.severity.value,
            "version": pattern.version,
        },
    }


def _name(pattern_id: str) -> str:
    words = pattern_id.split("-")
    named = words[1:] if len(words) > 1 and len(words[0]) == 1 else words
    return "".join(word[:1].upper() + word[1:] for word in named)


def _help(pattern: Pattern, *, markdown: bool) -> str:
    sections = [
        ("", (pattern.describe or pattern.title,)),
        ("What to do", (pattern.advice,) if pattern.advice else ()),
        ("Questions for the review", pattern.checklist),
        ("What it cannot see", pattern.limits),
        (
            "Where it comes from",
            tuple(f"{o.date} {o.ref} {o.note}".strip() for o in pattern.origins),
        ),
    ]
    lines: list[str] = []
    for title, texts in sections:
        if not texts:
            continue
        if title:
            lines += ["", f"## {title}" if markdown else f"{title}:", ""]
        listed = title not in ("", "What to do")
        lines += [f"- {text}" if listed else text for text in texts]
    return "\n".join(lines).strip()

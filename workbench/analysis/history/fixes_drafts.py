"""The draft of an upstream issue for what concerns everyone, secrets taken out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.analysis.history.verify_costs import LOAD, hot_path_of
from workbench.analysis.history.verify_verdicts import Evidence
from workbench.text.redact import redact

Row = Mapping[str, Any]


def issue_draft(row: Row, known: Evidence) -> dict[str, str]:
    """Title and body; the same finding gives the same words."""
    pattern = known.patterns.get(row["pattern"])
    title = f"{row['qualname']}: {pattern.title[:1].lower()}{pattern.title[1:]}" if pattern else ""
    hot = hot_path_of(row, known)
    lines = [
        f"Since {row['sha']}: {row['message']}",
        "",
        f"Where: `{row['path']}`, line {row['line']} ({row['side']} the commit), in `"
        f"{row['qualname']}`.",
    ]
    if hot is not None:
        why = hot.why.rstrip(".")
        lines += ["", f"Why it matters: {why}. It {LOAD.told(hot)}."]
    if row["also"]:
        lines += ["", f"Seen as well by: {', '.join(row['also'])}."]
    if pattern is not None and pattern.checklist:
        lines += ["", "Questions:", *(f"- {question}" for question in pattern.checklist)]
    if pattern is not None and pattern.advice:
        lines += ["", f"A way out: {' '.join(pattern.advice.split())}"]
    return {"title": redact(title or row["message"]), "body": redact("\n".join(lines))}

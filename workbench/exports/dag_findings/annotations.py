"""Findings as annotations of a GitHub workflow step: the worst, and how many more there are.

GitHub shows ten annotations of a step (its page "Workflow commands for GitHub Actions").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from workbench.domain.dag_rules import DagCheck, DagFinding
from workbench.domain.history import Severity
from workbench.text.counted import counted

MOST = 10
COMMANDS = {
    Severity.LOW: "notice",
    Severity.MEDIUM: "warning",
    Severity.MEDIUM_HIGH: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}
WRITTEN = {
    Severity.LOW: "low",
    Severity.MEDIUM: "medium",
    Severity.MEDIUM_HIGH: "medium-high",
    Severity.HIGH: "high",
    Severity.CRITICAL: "critical",
}


def github_annotations(check: DagCheck) -> Iterator[str]:
    """Yield the workflow commands of a check, worst first, then one line for what is left.

    With more than ten findings nine are shown, since the line for the rest is the tenth.
    """
    ordered = sorted(
        check.findings, key=lambda f: (-f.severity.rank, f.path, f.line, f.code, f.message)
    )
    shown = ordered if len(ordered) <= MOST else ordered[: MOST - 1]
    for finding in shown:
        yield _command(finding)
    rest = ordered[len(shown) :]
    if rest:
        by_rule = Counter(finding.rule for finding in rest)
        told = ", ".join(f"{count} of {rule}" for rule, count in sorted(by_rule.items()))
        files = counted(len({finding.path for finding in rest}), "file")
        text = f"{counted(len(rest), 'more finding')} in {files}: {told}."
        yield f"::notice title={_property('DAG rules')}::{_text(text)}"


def _command(finding: DagFinding) -> str:
    properties = {
        "file": finding.path,
        "line": str(finding.line),
        "col": str(finding.column),
        "title": f"{finding.code} {finding.rule} ({WRITTEN[finding.severity]})",
    }
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = "\n".join([finding.message, finding.why, finding.advice])
    return f"::{COMMANDS[finding.severity]} {told}::{_text(text)}"


def _text(text: str) -> str:
    """Text in which no line end or percent sign is taken for the command's own."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """The same for a property's value, where colon and comma mean something too."""
    return _text(text).replace(":", "%3A").replace(",", "%2C")

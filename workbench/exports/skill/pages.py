"""The pages beside SKILL.md: calls, settings, behaviour, rules, and the row for a hub."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.domain.dag_rules import DagRule, RuleExample
from workbench.domain.state_store import Evidence, Reference, Setting, Store
from workbench.exports.skill.markdown import code, generally, inline, one_line, page, table
from workbench.exports.skill.words import FIELDS, HUB_NEED, NAME
from workbench.text.redact import redact

STORES = {
    Store.TASK: "The task's store",
    Store.ASSET: "The asset's store",
    Store.MIXIN: "The mixin for one external job",
    Store.BACKEND: "Backends",
}
TOPICS = {
    "context": "How a task gets at it",
    "scope": "Who shares a key",
    "retention": "How long a key stays",
    "limits": "What can be kept",
    "failure": "What happens when something fails",
    "backend": "Where values are kept",
}
WHEELS = {"core": "apache-airflow-core", "sdk": "apache-airflow-task-sdk"}


def api_page(reference: Reference) -> str:
    """Every call with its signature, meaning, failure and the file it was read in."""
    lines = ["# API", "", _read_in(reference)]
    for store, title in STORES.items():
        calls = [c for c in reference.calls if c.store is store]
        if not calls:
            continue
        lines += ["", f"## {title}", ""]
        rows = [
            (
                inline(f"{call.call}{call.signature}"),
                call.means + _since(call.evidence, reference),
                call.fails or "-",
            )
            for call in calls
        ]
        lines += table(("Call", "What it does", "How it fails"), rows)
    lines += ["", "## Where other descriptions differ", ""]
    lines += [f"- {inline(c.call)}: {c.differs}" for c in reference.calls if c.differs]
    lines += ["", "## Read in", ""]
    read = [(inline(c.call), _source(c.evidence)) for c in reference.calls]
    return page([*lines, *table(("Call", "File and symbol"), read)])


def configuration_page(reference: Reference) -> str:
    """Every key with type, default, environment variable, meaning and who reads it."""
    lines = ["# Configuration", "", _read_in(reference), ""]
    lines += [
        "An environment variable wins over airflow.cfg. Processes read the keys themselves: set "
        "them alike for the API server and the workers."
    ]
    own = [s for s in reference.settings if s.section == "state_store"]
    near = [s for s in reference.settings if s.section == "workers"]
    rest = [s for s in reference.settings if s not in own and s not in near]
    for title, settings in (
        ("[state_store]", own),
        ("[workers]", near),
        ("Retries that the retention has to outlive", rest),
    ):
        lines += ["", f"## {title}", ""]
        lines += table(
            ("Key", "Type", "Default", "Meaning", "Read by", "Variable"),
            (_setting(s) for s in settings),
        )
    lines += ["", "## Where other descriptions differ", ""]
    lines += [f"- `{s.name}`: {s.differs}" for s in reference.settings if s.differs]
    lines += ["", "## Read in", ""]
    read = [(f"`{s.name}`", _source(s.evidence)) for s in reference.settings]
    return page([*lines, *table(("Key", "File and symbol that uses it"), read)])


def behaviour_page(reference: Reference) -> str:
    """Every statement on scope, retention, limits and failure, with the file it was read in."""
    lines = ["# Behaviour", "", _read_in(reference)]
    for topic, title in TOPICS.items():
        told = [s for s in reference.statements if s.topic == topic]
        if not told:
            continue
        lines += ["", f"## {title}", ""]
        for one in told:
            also = f" Elsewhere: {one.differs}" if one.differs else ""
            since = _since(one.evidence, reference)
            lines.append(f"- {one.says}{since}{also} ({_source(one.evidence)})")
    return page(lines)


def rules_page(rules: Sequence[DagRule]) -> str:
    """Every rule with what breaks, what to do from 3.3 on and before, and code of both kinds."""
    lines = ["# Rules"]
    for rule in sorted(rules, key=lambda r: r.code):
        lines += ["", f"## {rule.code}: {rule.title}", "", generally(rule.describe, FIELDS), ""]
        lines += [f"**Breaks:** {generally(rule.why, FIELDS)}", ""]
        lines += [f"**From 3.3 on:** {generally(rule.advice, FIELDS)}", ""]
        lines += [f"**Before 3.3:** {generally(rule.below, FIELDS)}"]
        for title, items in (("Does not see", rule.limits), ("Is right as it is", rule.not_for)):
            lines += (
                ["", f"**{title}:**", "", *(f"- {one_line(item)}" for item in items)]
                if items
                else []
            )
        lines += _shown(rule)
    return page(lines)


def hub_page() -> str:
    """The row that leads from a skill that routes to others to this one."""
    lines = [
        "# Hub routing",
        "",
        "Add this row to the routing table of the skill that sends readers to others:",
        "",
        *table(("Need", "Skill"), [(HUB_NEED, f"`{NAME}`")]),
    ]
    return page(lines)


def _shown(rule: DagRule) -> Iterator[str]:
    """Code before and after of the first example that has both, else of the first that hits."""
    hits = sorted((e for e in rule.examples if e.lines), key=lambda e: (not e.fixed, e.file))
    if not hits or rule.folder is None:
        return
    first = hits[0]
    yield from ("", f"**Found** ({one_line(first.why)}):", "")
    yield from code(_text(rule.folder, first.file))
    if first.fixed:
        yield from ("", "**Fixed:**", "", *code(_text(rule.folder, first.fixed)))


def _text(folder: Path, file: str) -> str:
    return redact((folder / "examples" / file).read_text(encoding="utf-8"))


def _setting(setting: Setting) -> tuple[str, ...]:
    zero = f" 0: {setting.when_zero}." if setting.when_zero else ""
    return (
        f"`{setting.key}`" if setting.section == "state_store" else f"`{setting.name}`",
        str(setting.type),
        inline(setting.default) if setting.default else "empty",
        setting.means + zero,
        ", ".join(setting.read_by),
        f"`{setting.variable}`",
    )


def _read_in(reference: Reference) -> str:
    release = reference.release
    return (
        f"Read in the released code of apache-airflow-core {release.core} and "
        f"apache-airflow-task-sdk {release.sdk} on {reference.checked.isoformat()}."
    )


def _since(evidence: Evidence, reference: Reference) -> str:
    return f" Since {evidence.since}." if evidence.since != reference.since else ""


def _source(evidence: Evidence) -> str:
    symbol = f", `{evidence.symbol}`" if evidence.symbol else ""
    return f"{WHEELS[evidence.wheel]}: `{evidence.file}`{symbol}"


def example_problems(rule: DagRule, example: RuleExample) -> Iterator[str]:
    """Say which files of an example cannot be read; an export with a hole is not written."""
    for file in filter(None, (example.file, example.fixed)):
        try:
            _text(rule.folder or Path(), file)
        except (OSError, UnicodeDecodeError) as error:
            yield f"{rule.id}: example {file} cannot be read: {type(error).__name__}."

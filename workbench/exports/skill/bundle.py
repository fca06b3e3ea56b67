"""The skill as files: SKILL.md and its pages, checked before anybody writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.domain.dag_rules import DagRule
from workbench.domain.state_store import Reference
from workbench.errors import ExportError, Place
from workbench.exports.losses import Loss
from workbench.exports.skill.lint import skill_problems
from workbench.exports.skill.markdown import code, frontmatter, generally, one_line, page, table
from workbench.exports.skill.pages import (
    api_page,
    behaviour_page,
    configuration_page,
    example_problems,
    hub_page,
    rules_page,
)
from workbench.exports.skill.words import (
    CHECKLIST,
    CHOICES,
    COMPATIBILITY,
    DESCRIPTION,
    EXAMPLES,
    FIELDS,
    INTRODUCTION,
    NAME,
    NOT_TO_USE,
    TITLE,
)
from workbench.knowledge.dag_rules import dag_rules
from workbench.knowledge.state_store_reference import REFERENCE_FILE, read_reference

MAIN = f"{NAME}/SKILL.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillSource:
    """What the skill is made of."""

    rules: Sequence[DagRule]
    reference: Reference


def skill_source(folder: Path) -> SkillSource | None:
    """Return what a folder of patterns has for a skill; None where it lacks rules or reference.

    Raises
    ------
    PatternError
        They are there and cannot be used.
    """
    if not (folder / REFERENCE_FILE).is_file():
        return None
    return SkillSource(rules=dag_rules(folder), reference=read_reference(folder))


def skill_files(source: SkillSource) -> dict[str, bytes]:
    """Return every file of the bundle by its path; the same input gives the same bytes.

    ``SKILL.md`` comes last: written in this order, it never stands without its pages.

    Raises
    ------
    ExportError
        There are no rules, an example cannot be read, or the bundle would break a rule of the
        format or of ours; all faults are listed.
    """
    if not source.rules:
        raise ExportError("There are no DAG rules, so the skill would teach nothing.")
    unread = [p for r in source.rules for e in r.examples for p in example_problems(r, e)]
    _refuse(unread)
    pages = {
        f"{NAME}/references/api.md": api_page(source.reference),
        f"{NAME}/references/behaviour.md": behaviour_page(source.reference),
        f"{NAME}/references/configuration.md": configuration_page(source.reference),
        f"{NAME}/references/hub-routing.md": hub_page(),
        f"{NAME}/references/rules.md": rules_page(source.rules),
        MAIN: _main(source),
    }
    problems = skill_problems(pages, rules=source.rules, reference=source.reference)
    _refuse([str(problem) for problem in problems])
    return {path: text.encode("utf-8") for path, text in pages.items()}


def skill_losses(source: SkillSource) -> tuple[Loss, ...]:
    """Say what of the rules the bundle leaves out."""
    more = sum(len(rule.examples) - any(e.lines for e in rule.examples) for rule in source.rules)
    why = "a page shows one example of each rule; the folders of the rules hold them all"
    return (
        (Loss(format="skill", what="examples of DAG rules", count=more, why=why),) if more else ()
    )


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        listed = "\n".join(f"  {fault}" for fault in faults)
        what = f"The skill is faulty ({len(faults)}), so it was not written:\n{listed}"
        raise ExportError(what, where=Place(path=MAIN))


def _said(text: str) -> str:
    return generally(text, FIELDS)


def _main(source: SkillSource) -> str:
    reference, release = source.reference, source.reference.release
    rules = sorted(source.rules, key=lambda r: r.code)
    since = ".".join(reference.since.split(".")[:2])
    lines = frontmatter(
        {
            "name": NAME,
            "description": DESCRIPTION,
            "license": "Apache-2.0",
            "compatibility": COMPATIBILITY,
            "metadata": {"airflow": release.core, "task-sdk": release.sdk},
        }
    )
    lines += ["", f"# {TITLE}", "", INTRODUCTION.format(since=since), ""]
    lines += ["## Which primitive", "", *table(("To keep", "Use", "Because it"), CHOICES)]
    lines += ["", "## When not to use", ""]
    lines += table(("To do this", "Use instead", "Because"), NOT_TO_USE)
    lines += ["", "## Version gate", ""]
    lines += [
        f"All three came with Airflow {since}. Look at the project's requirements before naming "
        "them; below that version explain the risk and offer the fix in the second table."
    ]
    lines += ["", f"From {since} on:", ""]
    lines += table(
        ("Rule", "Found in a DAG", "What a retry breaks", "Do"),
        ((r.code, r.title, _said(r.why), _said(r.advice)) for r in rules),
    )
    lines += ["", f"Before {since}:", ""]
    lines += table(("Rule", "Best fix there"), ((r.code, _said(r.below)) for r in rules))
    lines += ["", "Not a finding:", ""]
    lines += table(("Rule", "Is right as it is"), ((r.code, n) for r in rules for n in r.not_for))
    lines += ["", "## Examples"]
    for title, text, remark in EXAMPLES:
        lines += ["", f"### {title}", "", *code(text), "", one_line(remark)]
    lines += ["", "## Configuration", ""]
    lines += table(
        ("Key", "Default", "Meaning"),
        (
            (f"`{s.name}`", f"`{s.default}`" if s.default else "empty", s.means)
            for s in reference.settings
            if s.section != "core"
        ),
    )
    lines += ["", "## Review checklist", "", *(f"- {item}" for item in CHECKLIST)]
    lines += [
        "",
        "## References",
        "",
        "- [API](references/api.md): every call, its signature and how it fails",
        "- [Behaviour](references/behaviour.md): scope, retention, limits, failures",
        "- [Configuration](references/configuration.md): every key, who reads it, its variable",
        "- [Rules](references/rules.md): each rule with code before and after",
        "- [Hub routing](references/hub-routing.md): the row for a skill that routes to others",
    ]
    return page(lines)

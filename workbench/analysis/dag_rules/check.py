"""One DAG file checked: every rule asked, what is found put into words, with a patch."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from workbench.analysis.dag_rules.checkpoints import checkpoints
from workbench.analysis.dag_rules.drafts import Draft, Study
from workbench.analysis.dag_rules.flow import flow_of, flow_of_import
from workbench.analysis.dag_rules.mixins import mixins
from workbench.analysis.dag_rules.modules import parse, read_module
from workbench.analysis.dag_rules.patches import repaired, unified
from workbench.analysis.dag_rules.sensors import sensors
from workbench.analysis.dag_rules.stores import clocks, mapped_keys, misused
from workbench.analysis.dag_rules.tasks import find_tasks
from workbench.domain.dag_rules import AirflowVersion, DagFinding, DagRule

FAMILIES = (checkpoints, mixins, sensors, clocks, mapped_keys, misused)
WORTH_A_LOOK = re.compile(r"xcom|XCom|Variable|state_store|ResumableJobMixin|[sS]ensor")
MOST_REPAIRS = 50


def check_text(
    text: str,
    *,
    path: str,
    rules: Sequence[DagRule],
    version: AirflowVersion,
    tree: ast.Module | None = None,
    before: str | None = None,
    patch_path: str | None = None,
    fixes: bool = True,
) -> tuple[DagFinding, ...]:
    """Return the findings in one file, by line.

    Parameters
    ----------
    text : str
        The file.
    path : str
        How it is called in findings.
    rules : sequence of DagRule
        Those that are asked; a rule that is missing finds nothing.
    version : AirflowVersion
        The Airflow that runs the file: it decides what is recommended.
    tree : ast.Module, optional
        The file parsed, if somebody did already.
    before : str, optional
        An earlier version of the file, for what only a change shows.
    patch_path : str, optional
        How patches call it; as findings do unless given.
    fixes : bool
        Whether patches are made, which takes most of the time of a file with findings.

    Raises
    ------
    SyntaxError
        The text is no Python.
    """
    named = {rule.id.partition("-")[0]: rule for rule in rules}
    study, drafts = _drafts(text, tree, before)
    found = [
        replace(
            _worded(draft, named[draft.rule], version),
            path=path,
            fix=_patch(draft, text, study, version, patch_path or path) if fixes else None,
        )
        for draft in drafts
        if draft.rule in named
    ]
    return tuple(sorted(found, key=lambda f: (f.line, f.code, f.message)))


def fix_text(
    text: str, *, rules: Sequence[DagRule], version: AirflowVersion, before: str | None = None
) -> str:
    """Return the file with every finding repaired that a patch can repair, one after the other."""
    named = {rule.id.partition("-")[0] for rule in rules}
    for _ in range(MOST_REPAIRS):
        study, drafts = _drafts(text, None, before)
        made = (repaired(text, d, study, version) for d in drafts if d.rule in named)
        after = next((text for text in made if text is not None), None)
        if after is None:
            break
        text = after
    return text


def _drafts(text: str, tree: ast.Module | None, before: str | None) -> tuple[Study, list[Draft]]:
    if not WORTH_A_LOOK.search(text):
        study = _study(ast.Module(body=[], type_ignores=[]), None)
        return study, []
    study = _study(tree or parse(text), parse(before) if before is not None else None)
    found: dict[tuple[object, ...], Draft] = {}
    for draft in (d for family in FAMILIES for d in family(study)):
        at = [event.line if event else None for event in (draft.read, draft.write)]
        # two tasks that share a function share its finding
        place = (draft.rule, draft.case, getattr(draft.node, "lineno", 0), draft.key, *at)
        found.setdefault((*place, draft.fields.get("line")), draft)
    return study, list(found.values())


def _study(tree: ast.Module, before: ast.Module | None) -> Study:
    module = read_module(tree)
    tasks = find_tasks(module)
    apart = frozenset[ast.AST](task.entry for task in tasks)
    return Study(
        module=module,
        flows=[flow_of(module, task, apart=apart) for task in tasks],
        imported=flow_of_import(module, apart=apart),
        before=read_module(before) if before is not None else None,
    )


def _patch(draft: Draft, text: str, study: Study, version: AirflowVersion, path: str) -> str | None:
    after = repaired(text, draft, study, version)
    return None if after is None else unified(path, text, after)


def _worded(draft: Draft, rule: DagRule, version: AirflowVersion) -> DagFinding:
    fields = dict(_fields(draft)) | draft.fields
    available = version.has_store is not False
    line = int(draft.fields.get("line", 0)) if draft.rule == "S7" else 0
    return DagFinding(
        path="",
        line=line or getattr(draft.node, "lineno", 1),
        column=getattr(draft.node, "col_offset", 0) + 1,
        rule=rule.id,
        code=rule.code,
        severity=rule.severity,
        message=_filled(rule.messages.get(draft.case, rule.message), fields),
        why=_filled(rule.why, fields),
        advice=_advice(rule, draft, fields, version),
        primitive=draft.primitive if available else None,
        task=draft.name or None,
        key=draft.key or None,
        read_line=draft.read.line if draft.read else None,
        write_line=draft.write.line if draft.write else None,
    )


def _fields(draft: Draft) -> Iterator[tuple[str, str]]:
    yield "task", draft.name
    yield "key", draft.key
    yield "read", str(draft.read.line) if draft.read else "?"
    yield "write", str(draft.write.line) if draft.write else "?"


def _advice(rule: DagRule, draft: Draft, fields: Mapping[str, str], version: AirflowVersion) -> str:
    """What to do in the Airflow that runs the file; where it is not known, in both."""
    above = _filled(rule.advices.get(draft.case, rule.advice), fields)
    below = _filled(rule.below, fields)
    if version.has_store is None and above != below:
        found = f" ({version})" if version.text else ""
        return f"The Airflow version is not known{found}. From 3.3 on: {above} Before 3.3: {below}"
    return below if version.has_store is False else above


def _filled(text: str, fields: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda m: fields.get(m[1], m[0]), text.strip())

"""Two DAG rules made by hand, with an example each, for the tests of the skill."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from workbench.domain.dag_rules import DagRule, Primitive, RuleExample
from workbench.domain.history import Severity
from workbench.exports.skill.bundle import SkillSource
from workbench.knowledge.state_store_reference import read_reference

PATTERNS = Path(__file__).parents[3] / "patterns"
FOUND = "from airflow.sdk import task\n\n\n@task\ndef load(ti):\n    ti.xcom_pull('load')\n"
FIXED = "from airflow.sdk import task\n\n\n@task\ndef load(task_state_store=None):\n    ...\n"


def rule(number: int, folder: Path, **changed: object) -> DagRule:
    """A rule whose folder holds one example before and after; keywords replace its fields."""
    (folder / "examples").mkdir(parents=True, exist_ok=True)
    (folder / "examples" / "hit.py").write_text(FOUND, encoding="utf-8")
    (folder / "examples" / "fixed.py").write_text(FIXED, encoding="utf-8")
    made = DagRule(
        id=f"S{number}-made-by-hand",
        code=f"WBS00{number}",
        version=1,
        title=f"Title {number}",
        severity=Severity.HIGH,
        primitives=(Primitive.TASK_STORE,),
        describe="A task keeps\nwhat it needs in the wrong place.",
        message="Task {task} keeps '{key}'.",
        why=f"Why {number}: a retry starts over.",
        advice="Keep it in task_state_store.",
        below="Make each step safe to repeat.",
        limits=("Not seen across modules.",),
        not_for=("Handing a result | to another task.",),
        examples=(
            RuleExample(file="hit.py", why="pulls from itself", lines=(6,), fixed="fixed.py"),
            RuleExample(file="fixed.py", why="clean"),
        ),
        folder=folder,
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def source(folder: Path) -> SkillSource:
    """Two rules and the shipped reference."""
    rules = tuple(rule(n, folder / f"S{n}") for n in (1, 2))
    return SkillSource(rules=rules, reference=read_reference(PATTERNS))

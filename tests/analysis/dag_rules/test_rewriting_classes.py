"""Repairs of operators with the mixin: what is added stands where it belongs, the rest stays."""

from __future__ import annotations

import ast

import pytest

from workbench.analysis.dag_rules.check import check_text, fix_text
from workbench.domain.dag_rules import AirflowVersion
from workbench.knowledge.dag_rules import dag_rules

NEW = AirflowVersion(text="3.3.2", has_store=True)
RULES = [rule for rule in dag_rules() if rule.id.startswith("S5")]
SIX = "".join(
    f"    def {name}(self, *args): ...\n"
    for name in (
        "submit_job",
        "get_job_status",
        "is_job_active",
        "is_job_succeeded",
        "poll_until_complete",
        "get_job_result",
    )
)
HEAD = "from airflow.sdk import BaseOperator, ResumableJobMixin\n"
CLASS = "class Load(ResumableJobMixin, BaseOperator):\n"
EXECUTE = "    def execute(self, context):\n        return self.execute_resumable(context)\n"

TABLE = {
    "an execute in front of a decorated method": (
        HEAD + CLASS + '    """Loads."""\n\n    @cached\n' + SIX,
        HEAD + CLASS + '    """Loads."""\n\n' + EXECUTE + "\n    @cached\n" + SIX,
    ),
    "retries in a call down the page": (
        HEAD + CLASS + EXECUTE + SIX + 'Load(\n    task_id="a",  # one\n    pool="b",\n)\n',
        HEAD
        + CLASS
        + EXECUTE
        + SIX
        + 'Load(\n    task_id="a",  # one\n    pool="b",\n    retries=2,\n)\n',
    ),
    "retries of a mapped operator": (
        HEAD + CLASS + EXECUTE + SIX + 'Load.partial(task_id="a").expand(sql=["b"])\n',
        HEAD + CLASS + EXECUTE + SIX + 'Load.partial(task_id="a", retries=2).expand(sql=["b"])\n',
    ),
    "retries that are none": (
        HEAD + CLASS + EXECUTE + SIX + 'Load(task_id="a", retries=0)\n',
        HEAD + CLASS + EXECUTE + SIX + 'Load(task_id="a", retries=2)\n',
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_a_repair_adds_its_line_and_no_more(case: str) -> None:
    """Before and after, whole files; nothing is found afterwards."""
    before, after = TABLE[case]
    made = fix_text(before, rules=RULES, version=NEW)
    assert made == after
    ast.parse(made)
    assert check_text(made, path="x.py", rules=RULES, version=NEW) == ()


@pytest.mark.parametrize(
    ("old", "new", "fixed"),
    [
        pytest.param(
            '    external_id_key = "a"\n', '    external_id_key = "b"\n',
            '    external_id_key = "a"\n', id="another text",
        ),
        pytest.param(
            '    external_id_key = "a"\n', "", '    external_id_key = "a"\n', id="left out now",
        ),
        pytest.param(
            "", '    external_id_key: str = "b"\n',
            '    external_id_key: str = "remote_job_id"\n', id="written down now",
        ),
    ],
)  # fmt: skip
def test_the_former_key_comes_back(old: str, new: str, fixed: str) -> None:
    """The patch keeps the key under which runs in flight keep their job's id."""
    rest = EXECUTE + SIX
    made = fix_text(
        HEAD + CLASS + new + rest, rules=RULES, version=NEW, before=HEAD + CLASS + old + rest
    )
    assert made == HEAD + CLASS + fixed + rest


def test_the_key_of_the_mixin_itself_is_no_renaming() -> None:
    """Writing down what holds anyway changes nothing."""
    rest = EXECUTE + SIX
    now = HEAD + CLASS + '    external_id_key = "remote_job_id"\n' + rest
    before = HEAD + CLASS + rest
    assert check_text(now, path="x.py", rules=RULES, version=NEW, before=before) == ()


def test_a_class_on_one_line_is_left_to_people() -> None:
    """There is no line to put a method on."""
    text = (
        HEAD + "class Load(ResumableJobMixin, BaseOperator): submit_job = get_job_status = None\n"
    )
    found = check_text(text, path="x.py", rules=RULES, version=NEW)
    assert [finding.fix for finding in found] == [None] * len(found)
    assert found

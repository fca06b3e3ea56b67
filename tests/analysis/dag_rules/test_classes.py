"""A task is found wherever the function stands that it runs."""

# ruff: noqa: E501 - the texts are laid out as people do it
from __future__ import annotations

import pytest

from workbench.analysis.dag_rules.check import check_text
from workbench.domain.dag_rules import AirflowVersion
from workbench.knowledge.dag_rules import dag_rules

NEW = AirflowVersion(text="3.3.2", has_store=True)
RULES = dag_rules()
MOVES = "        for x in rows(V.get('last')):\n            V.set('last', x)\n"
SDK = "from airflow.sdk import DAG, Asset, Variable as V, setup, task, task_group, teardown\n"
CLASSIC = f"{SDK}from airflow.operators.python import PythonOperator\n"
WRITES = "        asset_state_store[A].set('last', load(x))\n"


def _rules(text: str) -> list[str]:
    return [f.rule[:2] for f in check_text(text, path="x.py", rules=RULES, version=NEW)]


@pytest.mark.parametrize(
    "text",
    [
        f"{SDK}class Jobs:\n    @staticmethod\n    @task(retries=2)\n    def t():\n{MOVES}Jobs.t()\n",
        f"{SDK}class Jobs:\n    @task\n    def t(self):\n        self.go()\n    def go(self):\n{MOVES}",
        f"{CLASSIC}class R:\n    def go(self, **kw):\n{MOVES}"
        "PythonOperator(task_id='t', python_callable=R().go)\n",
        f"{CLASSIC}class R:\n    def go(self, **kw):\n{MOVES}"
        "r = R()\nPythonOperator(task_id='t', python_callable=r.go)\n",
        f"{CLASSIC}class R:\n    @classmethod\n    def go(cls):\n{MOVES}"
        "PythonOperator(task_id='t', python_callable=R.go)\n",
        f"{CLASSIC}class F:\n    def go(self):\n{MOVES}    def build(self):\n"
        "        return PythonOperator(task_id='t', python_callable=self.go)\n",
        f"{CLASSIC}from functools import partial\ndef go(n):\n{MOVES}"
        "PythonOperator(task_id='t', python_callable=partial(go, 5))\n",
        f"{CLASSIC}def go(kw):\n{MOVES}"
        "PythonOperator(task_id='t', python_callable=lambda **kw: go(kw))\n",
        f"{CLASSIC}def go():\n{MOVES}A = dict(task_id='t', python_callable=go)\nPythonOperator(**A)\n",
        f"{SDK}@setup\ndef t():\n{MOVES}",
        f"{SDK}@teardown(on_failure_fail_dagrun=True)\ndef t():\n{MOVES}",
    ],
)
def test_where_the_function_stands(text: str) -> None:
    """Methods with a decorator, methods of objects, partials, lambdas, unpacked arguments."""
    assert _rules(text) == ["S2"]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        (
            f"{SDK}A = Asset('a')\n@task_group\ndef g(x):\n    @task(outlets=[A])\n"
            f"    def t(x, asset_state_store=None):\n{WRITES}    t(x)\ng.expand(x=[1, 2])\n",
            ["S8"],
        ),
        (
            f"{SDK}A = Asset('a')\n@task(outlets=[A])\ndef t(x, asset_state_store=None):\n{WRITES}"
            "@task_group\ndef inner(x):\n    t(x)\n@task_group()\ndef g(x):\n    inner(x)\n"
            "g.partial().expand(x=[1, 2])\n",
            ["S8"],
        ),
        (
            f"{CLASSIC}A = Asset('a')\ndef f(x, asset_state_store=None):\n{WRITES}@task_group\n"
            "def g(x):\n    PythonOperator(task_id='t', python_callable=f, outlets=[A])\n"
            "g.expand(x=[1, 2])\n",
            ["S8"],
        ),
        (
            f"{SDK}A = Asset('a')\n@task_group\ndef g(x):\n    @task(outlets=[A])\n"
            f"    def t(x, asset_state_store=None):\n{WRITES}    t(x)\ng(1)\n",
            [],
        ),
    ],
)
def test_copies_of_a_group(text: str, rules: list[str]) -> None:
    """Tasks of a group that is expanded run in copies, those of a plain group do not."""
    assert _rules(text) == rules


def test_a_key_that_the_class_names() -> None:
    """The constant of a class, also of the one that it builds on, is the key."""
    text = (
        "from airflow.models import BaseOperator, Variable\nclass Base(BaseOperator):\n"
        "    key: str = 'emr_step_id'\nclass Op(Base):\n    def execute(self, context):\n"
        "        if not (job := Variable.get(self.key, default_var=None)):\n"
        "            job = self.hook.submit_step()\n            Variable.set(self.key, job)\n"
    )
    (found,) = check_text(text, path="x.py", rules=RULES, version=NEW)
    assert (found.rule[:2], found.key) == ("S3", "emr_step_id")

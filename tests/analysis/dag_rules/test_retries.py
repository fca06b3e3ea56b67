"""Retries of tasks that keep state are read off the text of their DAG file."""

from __future__ import annotations

import ast
import math

import pytest

from workbench.analysis.dag_rules.modules import parse
from workbench.analysis.dag_rules.retries import Keeps, RetrySetting, retry_settings
from workbench.domain.history import Rejection

HEAD = """\
from datetime import timedelta
import pendulum
from airflow.sdk import DAG, NEVER_EXPIRE, BaseOperator, ResumableJobMixin, dag, task
from vendor.operators import SubmitOperator
HOUR = timedelta(hours=1)
TIMES = 3
"""
STORED = "def load(task_state_store=None):\n    task_state_store.set('at', 1)\n"
OWN = "class Job(ResumableJobMixin, BaseOperator):\n    pass\n"


def read(text: str) -> tuple[tuple[RetrySetting, ...], tuple[Rejection, ...]]:
    """The retries of a DAG file."""
    return retry_settings(parse(text), path="d.py")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"@task(retries=3, retry_delay=HOUR)\n{STORED}",
            [("load", Keeps.STORE, 3, 3600.0, 0.0, None)],
        ),
        (
            f"@task(retries=TIMES, retry_delay=timedelta(days=2) * 3 + HOUR)\n{STORED}",
            [("load", Keeps.STORE, 3, 522000.0, 0.0, None)],
        ),
        (
            f"@task(retry_delay=pendulum.duration(weeks=1), retries=2)\n{STORED}",
            [("load", Keeps.STORE, 2, 604800.0, 0.0, None)],
        ),
        (
            f"@task(retries=9, retry_delay=5, retry_exponential_backoff=True)\n{STORED}",
            [("load", Keeps.STORE, 9, 5.0, 2.0, None)],
        ),
        (
            f"@task(retry_exponential_backoff=1.5, max_retry_delay=HOUR)\n{STORED}",
            [("load", Keeps.STORE, None, None, 1.5, 3600.0)],
        ),
        (
            f"DAG('d', default_args={{'retries': 7, 'retry_delay': HOUR}})\n@task\n{STORED}",
            [("load", Keeps.STORE, 7, 3600.0, 0.0, None)],
        ),
        (
            "ARGS = {'retries': 7}\nwith DAG('d', default_args=ARGS):\n"
            "    @task(retries=1)\n    def load(**context):\n"
            "        context['task_state_store'].get('at')\n",
            [("load", Keeps.STORE, 1, None, 0.0, None)],
        ),
        (f"{OWN}Job(task_id='go', retries=2)\n", [("go", Keeps.MIXIN, 2, None, 0.0, None)]),
        (
            "SubmitOperator(task_id='go', retry_delay=60)\n",
            [("go", Keeps.UNKNOWN, None, 60.0, 0.0, None)],
        ),
        ("@task(retries=3)\ndef load(ti):\n    ti.xcom_push('a', 1)\n", []),
        ("SubmitOperator(host='no task')\n", []),
        ("", []),
    ],
)
def test_what_is_read(text: str, expected: list[tuple[object, ...]]) -> None:
    """Numbers and durations are followed through names, sums, products and defaults."""
    found, rejections = read(HEAD + text)
    assert rejections == ()
    told = [
        (s.task, s.keeps, s.retries, s.delay_seconds, s.multiplier, s.most_delay_seconds)
        for s in found
    ]
    assert told == expected


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ("s.set('a', 1)", None),
        ("s.set('a', 1, retention=NEVER_EXPIRE)", math.inf),
        ("s.set('a', 1, retention=NEVER_EXPIRE); s.set('b', 1)", None),
        ("s.set('a', 1, retention=NEVER_EXPIRE); s.set('b', 1, retention=HOUR)", 3600.0),
        ("s.set('a', 1, retention=timedelta(minutes=1)); s.set('b', 1)", 60.0),
        ("s.set('a', 1, retention=NEVER_EXPIRE); Variable.set('b', 1)", math.inf),
        ("s.set('a', 1, retention=computed())", None),
        ("s.get('a')", None),
    ],
)
def test_the_retention_that_the_code_asks_for(body: str, seconds: float | None) -> None:
    """The shortest one counts; a write without one leaves it to the configuration."""
    text = f"{HEAD}@task(retries=1)\ndef load(task_state_store=None):\n"
    text += f"    s = task_state_store\n    {body}\n"
    ((found,), _) = read(text)
    assert found.retention_seconds == seconds


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        (f"{HEAD}@task(retries=count())\n{STORED}", "line 7", "retries is only known"),
        (f"{HEAD}@task(retry_delay=timedelta(days=1e308) * 1e308 * n)\n{STORED}", "line 7", "only"),
    ],
)
def test_what_cannot_be_judged_is_told(text: str, at: str, said: str) -> None:
    """A value that only a run would tell is named with its line."""
    _, rejections = read(text)
    assert [(r.path, r.at) for r in rejections] == [("d.py", at)]
    assert said in rejections[0].reason


def test_names_that_lead_in_a_circle_end() -> None:
    """An assignment to itself is no number."""
    text = f"{HEAD}A = B\nB = A\n@task(retries=A)\n{STORED}"
    _, rejections = read(text)
    assert len(rejections) == 1


def test_a_tree_beyond_all_measure_is_told() -> None:
    """A chain of 5,000 attributes is a rejection, not a crash."""
    tree = parse(f"{HEAD}@task(retries=1)\n{STORED}")
    chain: ast.expr = ast.Name("s")
    for _ in range(5000):
        chain = ast.Attribute(chain, "a")
    tree.body.append(ast.Expr(ast.Call(chain, [], [])))
    found, rejections = retry_settings(tree, path="d.py")
    assert (found, [r.reason for r in rejections]) == ((), ["Is nested too deeply to be judged."])

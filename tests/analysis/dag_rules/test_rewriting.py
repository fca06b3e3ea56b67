"""A repair changes what it has to and nothing else, however the file is laid out."""

# ruff: noqa: E501 - the texts are laid out as people do it
from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.dag_rules.check import check_text, fix_text
from workbench.analysis.dag_rules.edits import Edit, applied
from workbench.analysis.dag_rules.patches import unified
from workbench.domain.dag_rules import AirflowVersion
from workbench.knowledge.dag_rules import dag_rules

NEW = AirflowVersion(text="3.3.2", has_store=True)
RULES = dag_rules()

TABLE = {
    "a list of tasks is answered by a list": (
        """\
from airflow.sdk import task
@task
def load(ti):
    at = ti.xcom_pull(task_ids=["load"], key="at")[0]
    ti.xcom_push(key="at", value=step(at))
""",
        """\
from airflow.sdk import task
@task
def load(ti, task_state_store=None):
    at = [task_state_store.get("at")][0]
    task_state_store.set("at", step(at))
""",
    ),
    "an error that means not there": (
        """\
from airflow.sdk import Variable, task
@task
def load():
    try:
        at = Variable.get("last")
    except KeyError:
        at = first()
    for x in rows(at):
        Variable.set("last", x)
""",
        None,
    ),
    "an error that is raised again": (
        """\
from airflow.sdk import Variable, task
@task
def load():
    try:
        for x in rows(Variable.get("last")):
            Variable.set("last", x)
    except Exception:
        tell()
        raise
""",
        """\
from airflow.sdk import task
@task
def load(task_state_store=None):
    try:
        for x in rows(task_state_store.get("last")):
            task_state_store.set("last", x)
    except Exception:
        tell()
        raise
""",
    ),
    "the only name of an import gives way to another": (
        """\
from airflow.sdk import Variable
from airflow.decorators import task
@task
def load():
    Variable.set("last", step(Variable.get("last")))
""",
        """\
from airflow.sdk import Asset
from airflow.decorators import task

LAST = Asset(name="last")
@task(inlets=[LAST])
def load(asset_state_store=None):
    asset_state_store[LAST].set("last", step(asset_state_store[LAST].get("last")))
""",
    ),
    "a function that is an asset is given the context": (
        """\
from airflow.sdk import Variable, asset
@asset(schedule=None)
def rows(self, limit=10):
    Variable.set("last", step(Variable.get("last")))
""",
        """\
from airflow.sdk import asset
@asset(schedule=None)
def rows(self, context, limit=10):
    context["asset_state_store"][self].set("last", step(context["asset_state_store"][self].get("last")))
""",
    ),
    "the only asset needs no name": (
        """\
from airflow.sdk import Variable, asset
@asset(schedule=None)
def rows():
    Variable.set("last", step(Variable.get("last")))
""",
        """\
from airflow.sdk import asset
@asset(schedule=None)
def rows(context):
    context["asset_state_store"].set("last", step(context["asset_state_store"].get("last")))
""",
    ),
    "one of several assets has no name": (
        """\
from airflow.sdk import Variable, asset
@asset(schedule=None)
def rows(raw):
    Variable.set("last", step(raw, Variable.get("last")))
""",
        None,
    ),
    "what is unpacked stands elsewhere": (
        """\
from airflow.sdk import task
@task
def load(ti):
    own = {"task_ids": "load", "key": "at"}
    ti.xcom_push(key="at", value=step(ti.xcom_pull(**own)))
""",
        None,
    ),
    "a day": (
        """\
from datetime import date
from airflow.sdk import Variable, task
@task
def load(task_state_store):
    work(task_state_store.get("last_day"))
    task_state_store.set("last_day", date.today().isoformat())
""",
        """\
from datetime import datetime, timezone
from airflow.sdk import Variable, task
@task
def load(task_state_store):
    work(task_state_store.get("last_day"))
    task_state_store.set("last_day", datetime.now(timezone.utc).date().isoformat())
""",
    ),
    "a name that is taken": (
        """\
from datetime import datetime
from airflow.sdk import task
from ours import timezone
@task
def load(task_state_store):
    work(task_state_store.get("last_day"))
    task_state_store.set("last_day", datetime.utcnow().isoformat())
""",
        None,
    ),
    "a long signature with comments": (
        """\
from airflow.sdk import task
@task
def load(
    name: str,  # who
    *,
    ti=None,
) -> int:  # how many
    # go on from there
    at = ti.xcom_pull(task_ids="load", key="at")  # where
    ti.xcom_push(
        key="at",
        value=step(at),  # next
    )
""",
        """\
from airflow.sdk import task
@task
def load(
    name: str,  # who
    *,
    ti=None,
    task_state_store=None,
) -> int:  # how many
    # go on from there
    at = task_state_store.get("at")  # where
    task_state_store.set(
        "at",
        step(at),  # next
    )
""",
    ),
    "a read inside the write, on one line": (
        """\
from airflow.sdk import Variable, task
@task
def count(ds): Variable.set(ds + "n", max(fresh(), Variable.get(ds + "n", default="0"))); done()
@task
def other(run_id):
    for row in rows(Variable.get(f"at-{run_id}")): Variable.set(f"at-{run_id}", row)
""",
        """\
from airflow.sdk import task
@task
def count(ds, task_state_store=None): task_state_store.set(ds + "n", max(fresh(), task_state_store.get(ds + "n", default="0"))); done()
@task
def other(run_id, task_state_store=None):
    for row in rows(task_state_store.get(f"at-{run_id}")): task_state_store.set(f"at-{run_id}", row)
""",
    ),
    "letters that take several bytes": (
        """\
from airflow.models import (
    Connection,
    Variable,  # keys
)
from airflow.sdk import task
@task
def läd(ti=None):
    é = "äöü"; at = ti.xcom_pull(task_ids="läd", key="stück"); ti.xcom_push("stück", nächstes(at, é))
    return Connection
""",
        """\
from airflow.models import (
    Connection,
    Variable,  # keys
)
from airflow.sdk import task
@task
def läd(ti=None, task_state_store=None):
    é = "äöü"; at = task_state_store.get("stück"); task_state_store.set("stück", nächstes(at, é))
    return Connection
""",
    ),
    "the last use of an import in a list": (
        """\
from airflow.models import (
    Connection,
    Variable,
)
from airflow.sdk import task
@task
def load(**kwargs):
    for row in rows(Variable.get("last_row")):
        Variable.set("last_row", row)
    return Connection
""",
        """\
from airflow.models import (
    Connection,
)
from airflow.sdk import task
@task
def load(**kwargs):
    for row in rows(kwargs["task_state_store"].get("last_row")):
        kwargs["task_state_store"].set("last_row", row)
    return Connection
""",
    ),
    "a moment that JSON cannot say": (
        """\
from datetime import datetime, timezone
from airflow.sdk import Asset, Variable, task
A = Asset("a")
@task(outlets=[A])
def load(asset_state_store):
    copy(since=Variable.get("since", default=None))
    Variable.set("since", datetime.now(timezone.utc))
""",
        """\
from datetime import datetime, timezone
from airflow.sdk import Asset, task
A = Asset("a")
@task(outlets=[A])
def load(asset_state_store):
    copy(since=asset_state_store[A].get("since"))
    asset_state_store[A].set("since", str(datetime.now(timezone.utc)))
""",
    ),
    "a mapped operator gets an inlet": (
        """\
from airflow.providers.standard.operators.python import PythonOperator
from airflow.models import Variable
def load(x):
    mark = Variable.get("load_mark")
    Variable.set("load_mark", copy(mark, x))
PythonOperator.partial(task_id="load", python_callable=load).expand(op_args=[[1], [2]])
""",
        """\
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import Asset

LOAD_MARK = Asset(name="load_mark")
def load(x, asset_state_store=None):
    mark = asset_state_store[LOAD_MARK].get("load_mark")
    asset_state_store[LOAD_MARK].set("load_mark", copy(mark, x))
PythonOperator.partial(task_id="load", python_callable=load, inlets=[LOAD_MARK]).expand(op_args=[[1], [2]])
""",
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_layout_and_comments_stay(case: str) -> None:
    """Before and after, whole files; without an after, a person has to do it."""
    before, after = TABLE[case]
    rules = [rule for rule in RULES if rule.id[:2] in ("S1", "S2", "S4", "S7")]
    made = fix_text(before, rules=rules, version=NEW)
    assert made == (after or before)
    ast.parse(made)


@pytest.mark.parametrize(
    "text",
    [
        # the other task would lose the Variable that it reads
        "from airflow.sdk import Variable, task\n@task\ndef a(run_id):\n"
        "    Variable.set('last', step(Variable.get('last')))\n"
        "    for x in y: Variable.set('last', x)\n"
        "@task\ndef b(): show(Variable.get('last'))\n",
        # a process without a context
        "from airflow.sdk import task\n@task.virtualenv\ndef a(ti=None):\n"
        "    at = ti.xcom_pull(task_ids='a', key='at')\n    ti.xcom_push(key='at', value=step(at))\n",
        # one helper for two keys
        "from airflow.sdk import Variable, task\ndef get(k): return Variable.get(k)\n@task\n"
        "def a():\n    for x in rows(get('last')): Variable.set('last', x)\n    show(get('limit'))\n",
    ],
)
def test_what_would_change_something_else_is_left_to_people(text: str) -> None:
    """The finding stands, the patch does not."""
    found = check_text(text, path="x.py", rules=RULES, version=NEW)
    assert [finding.rule[:2] for finding in found] in (["S1"], ["S2"])
    assert [finding.fix for finding in found] == [None]


@given(st.text(alphabet="ab\n", max_size=30), st.data())
def test_edits_replace_what_they_name(text: str, data: st.DataObject) -> None:
    """Edits that stand apart give the text with each piece exchanged."""
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    expected, at = "", 0
    for start, end in pairs:
        expected += text[at:start] + "X"
        at = end
    made = applied(text, [Edit(start, end, "X") for start, end in reversed(pairs)])
    assert made == expected + text[at:]


def test_a_patch_says_where_a_file_ends_without_a_line_end() -> None:
    """Or nobody could apply it."""
    patch = unified("/dags/x.py", "a\nb", "a\nc")
    assert patch.startswith("--- a/dags/x.py\n+++ b/dags/x.py\n")
    assert patch.count("\\ No newline at end of file\n") == 2

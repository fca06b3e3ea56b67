"""State is found however it is spelled, and what only looks like it is left alone."""

# ruff: noqa: E501, F541 - the texts are laid out as people do it
from __future__ import annotations

import pytest

from workbench.analysis.dag_rules.check import check_text
from workbench.analysis.dag_rules.mixins import METHODS
from workbench.domain.dag_rules import AirflowVersion
from workbench.knowledge.dag_rules import dag_rules

NEW = AirflowVersion(text="3.3.2", has_store=True)
RULES = dag_rules()
BODY = "    for x in rows(V.get('last')):\n        V.set('last', x)\n"
PULL = "ti.xcom_pull(task_ids='t', key='at')"
PUSH = "    ti.xcom_push(key='at', value=step(at))\n"


def _rules(text: str) -> list[str]:
    return [f.rule[:2] for f in check_text(text, path="x.py", rules=RULES, version=NEW)]


@pytest.mark.parametrize(
    "text",
    [
        f"from airflow.sdk import Variable as V, task\n@task\ndef t():\n{BODY}",
        f"from airflow.models import Variable\nfrom airflow.decorators import task\nV = Variable\n"
        f"@task()\ndef t():\n{BODY}",
        f"import airflow.models\nimport airflow.sdk as sdk\n@sdk.task\ndef t():\n"
        f"    V = airflow.models.Variable\n{BODY}",
        f"from airflow.models.variable import Variable as V\nfrom airflow.sdk import task\n"
        f"@task.branch(task_id='t')\ndef f():\n{BODY}",
        f"from airflow.sdk import Variable as V, dag, task\n@dag\ndef d():\n    @task\n    def t():\n"
        + "".join(f"    {line}\n" for line in BODY.splitlines())
        + "    t()\nd()\n",
        f"from airflow.sdk import Variable as V\nfrom airflow.operators.python import PythonOperator\n"
        f"def f():\n{BODY}PythonOperator(task_id='t', python_callable=f)\n",
        f"from airflow.sdk import Variable as V, task\ndef f():\n{BODY}t = task(f)\nt()\n",
        f"from airflow.sdk import BaseSensorOperator, Variable as V\n"
        f"class S(BaseSensorOperator):\n  def poke(self, context):\n    self.work()\n"
        f"  def work(self):\n{BODY}",
        "from airflow.sdk import Variable, task\nlast = Variable.get('last')\n@task\ndef t():\n"
        "    for x in rows(last):\n        Variable.set('last', x)\n",
        "from airflow.sdk import Variable, task\nKEY = 'last'\ndef load(*, key=KEY):\n"
        "    return Variable.get(key, deserialize_json=True)\n@task\nasync def t():\n"
        "    try:\n        at = load()\n    except KeyError:\n        at = 0\n"
        "    while at := await step(at):\n        Variable.update(key=KEY, value=at)\n",
    ],
)
def test_a_cursor_in_a_variable(text: str) -> None:
    """Imports, aliases, decorators, operators, sensors, helpers, constants, import time."""
    assert _rules(text) == ["S2"]


@pytest.mark.parametrize(
    "text",
    [
        f"from airflow.sdk import task\n@task\ndef t(ti=None):\n    at = {PULL}\n{PUSH}",
        f"from airflow.sdk import task\n@task\ndef t(task_instance=None):\n"
        f"    ti = task_instance\n    at = {PULL}\n{PUSH}",
        f"from airflow.sdk import task\n@task\ndef t(**kw):\n    ti = kw.get('ti')\n    at = {PULL}\n{PUSH}",
        "from airflow.sdk import get_current_context, task\n@task\ndef t():\n"
        f"    ti = get_current_context()['task_instance']\n    at = {PULL}\n{PUSH}",
        "from airflow.sdk import task\n@task\ndef t(ti=None):\n"
        f"    at = ti.xcom_pull(task_ids=ti.task_id, key='at')\n{PUSH}",
        "from airflow.sdk import task\n@task\ndef t(ti=None):\n"
        f"    at = ti.xcom_pull(key='at') or 0\n{PUSH}",
        "from airflow.sdk import TaskGroup, task\nwith TaskGroup('g'):\n  @task\n  def t(ti=None):\n"
        f"    at = ti.xcom_pull('g.t', key='at')\n{PUSH}",
        "from airflow.sdk import task\n@task(task_id='t')\ndef f(ti=None):\n    pull = ti.xcom_pull\n"
        f"    at = pull(task_ids=['t'], key='at')\n{PUSH}f.partial(a=1).expand(b=[1])\n",
        "from airflow.models import XCom\nfrom airflow.sdk import task\n@task\ndef t(ti=None, run_id=None):\n"
        f"    at = XCom.get_one(task_id='t', key='at', run_id=run_id)\n{PUSH}",
        "from airflow.sdk import task\ndef at_of(context):\n    return context['ti'].xcom_pull('t', key='at')\n"
        f"@task\ndef t(**context):\n    ti = context['ti']\n    at = at_of(context)\n{PUSH}",
    ],
)
def test_an_own_xcom_as_checkpoint(text: str) -> None:
    """However the task instance is reached and its own id is written."""
    assert _rules(text) == ["S1"]


@pytest.mark.parametrize(
    "text",
    [
        # another task's, another DAG's, read after it was written
        f"from airflow.sdk import task\n@task\ndef u(ti=None):\n    at = {PULL}\n{PUSH}",
        "from airflow.sdk import task\n@task\ndef t(ti=None):\n"
        f"    at = ti.xcom_pull(dag_id='d', task_ids='t', key='at')\n{PUSH}",
        f"from airflow.sdk import task\n@task\ndef t(ti=None):\n    at = 1\n{PUSH}    show({PULL})\n",
        "from airflow.sdk import task\n@task\ndef t(ti=None):\n"
        f"    at = ti.xcom_pull(task_ids=['a', 't'], key='at')\n{PUSH}",
        # not Airflow's, not a task, not the same key
        f"from ours import Variable as V, task\n@task\ndef t():\n{BODY}",
        f"from airflow.sdk import Variable as V\ndef t():\n{BODY}",
        "from airflow.sdk import Variable, task\n@task\ndef t():\n"
        "    Variable.set('count', len(rows(Variable.get('limit'))))\n",
        # a switch, a setting, a value that is only counted
        "from airflow.sdk import Variable, task\n@task\ndef t():\n"
        "    if Variable.get('state') == 'on':\n        Variable.set('state', 'off')\n",
        # code in a text
        f"from airflow.sdk import task\n'''\nfrom airflow.sdk import Variable as V\n{BODY}'''\n",
        "",
        "def f(): f()\n",
    ],
)
def test_decoys(text: str) -> None:
    """Nothing is found in what only looks alike."""
    assert _rules(text) == []


def test_functions_that_call_each_other_come_to_an_end() -> None:
    """A helper that leads back to itself, or to ever more helpers, is left where it starts over."""
    circle = "def a(x): return b(x)\ndef b(x): return a(x)\n"
    wide = "".join(f"def f{n}(): f{n + 1}(); f{n + 1}(); f{n + 1}()\n" for n in range(30))
    head = "from airflow.sdk import Variable, task\n"
    task = (
        "@task\ndef t():\n    f0()\n    for x in a(Variable.get('last')): Variable.set('last', x)\n"
    )
    assert _rules(head + circle + wide + task) == ["S2"]


def test_a_shared_helper_is_one_finding_for_each_task_and_key() -> None:
    """Two keys through one helper are two findings; one key of two tasks is one."""
    helper = (
        "from airflow.sdk import Variable, task\ndef walk(key):\n"
        "    for x in rows(Variable.get(key)): Variable.set(key, x)\n"
    )
    one = "@task\ndef a(): walk('last')\n"
    assert _rules(helper + one + "@task\ndef b(): walk('since')\n") == ["S2", "S2"]
    assert _rules(helper + one + "@task\ndef b(): walk('last')\n") == ["S2"]


STORE = (
    "from airflow.sdk import Asset, task\nfrom datetime import date, datetime, timezone\n"
    "import pendulum, time\nA = Asset('a')\n@task(outlets=[A])\ndef t(asset_state_store):\n"
    "    work(asset_state_store[A].get('seen'))\n    asset_state_store[A].set('seen', {})\n"
)


@pytest.mark.parametrize(
    ("value", "naive"),
    [
        ("datetime.now(tz=None).isoformat()", True),
        ("datetime.now(None).isoformat()", True),
        ("date.today().isoformat()", True),
        ("datetime.now(timezone.utc).replace(tzinfo=None).isoformat()", True),
        ("pendulum.now('UTC').replace(tzinfo=None).isoformat()", True),
        ("datetime.utcfromtimestamp(time.time()).isoformat()", True),
        ("datetime.utcnow().timestamp()", True),
        ("datetime.now().timestamp()", False),
        ("time.time()", False),
        ("datetime.fromtimestamp(time.time(), timezone.utc).isoformat()", False),
        ("datetime.now(timezone.utc).replace(microsecond=0).isoformat()", False),
        ("datetime.utcnow().replace(tzinfo=timezone.utc).isoformat()", False),
    ],
)
def test_clocks_without_a_zone(value: str, naive: bool) -> None:
    """A zone may be left out, given as None, or taken away again; seconds need none."""
    assert _rules(STORE.replace("{}", value)) == (["S7"] if naive else [])


@pytest.mark.parametrize(
    ("given", "alarm"),
    [
        ("{'retries': 2}", False),
        ("dict(retries=2)", False),
        ("{**COMMON, 'owner': 'x'}", False),
        ("COMMON | {'owner': 'x'}", False),
        ("ELSEWHERE", False),
        ("{**ELSEWHERE}", False),
        ("{'owner': 'x'}", True),
        ("dict(COMMON, retries=0)", True),
    ],
)
def test_retries_of_all_tasks(given: str, alarm: bool) -> None:
    """Default arguments are read however they are put together; unknown ones raise no alarm."""
    methods = "".join(f"    def {name}(self, *a): ...\n" for name in METHODS)
    text = (
        "from airflow.sdk import BaseOperator, DAG, ResumableJobMixin\nfrom ours import ELSEWHERE\n"
        f"COMMON = {{'retries': 3}}\nclass Op(ResumableJobMixin, BaseOperator):\n{methods}"
        "    def execute(self, context):\n        return self.execute_resumable(context)\n"
        f"with DAG('d', default_args={given}):\n    Op(task_id='o')\n"
    )
    assert _rules(text) == (["S5"] if alarm else [])


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        (
            "from airflow.sdk import task\n@task\ndef t(ti):\n    own = {'task_ids': 't', 'key': 'at'}\n"
            "    at = ti.xcom_pull(**own)\n    ti.xcom_push(key='at', value=step(at))\n",
            ["S1"],
        ),
        (
            "from airflow.models import Variable\nfrom airflow.decorators import task\n@task\ndef t():\n"
            "    try:\n        job = Variable.get('training')\n    except KeyError:\n"
            "        job = sm.create_training_job()\n        Variable.set('training', job)\n",
            ["S3"],
        ),
        (
            "from airflow.models import Variable\nfrom airflow.decorators import task\n"
            "get, put = Variable.get, Variable.set\n@task\ndef t():\n    put('offset', step(get('offset')))\n",
            ["S2"],
        ),
        (
            "from airflow.models import BaseOperator\nclass Op(BaseOperator):\n"
            "  def execute(self, context):\n    job = self.xcom_pull(context, self.task_id, key='job_id')\n"
            "    if not job:\n      job = self.hook.submit()\n"
            "      self.xcom_push(context, 'job_id', job)\n",
            ["S3"],
        ),
        (
            "from airflow.sdk import asset, Variable\n@asset(schedule=None)\ndef rows():\n"
            "    Variable.set('rows_since', load(Variable.get('rows_since')))\n",
            ["S4"],
        ),
    ],
)
def test_calls_in_other_words(text: str, rules: list[str]) -> None:
    """Unpacked arguments, an except that decides, names bound in pairs, an operator's own calls."""
    assert _rules(text) == rules


@pytest.mark.parametrize(
    ("value", "rules"),
    [
        ("os.environ['API_TOKEN']", ["S9"]),
        ("{'token': os.getenv('DB_PASSWORD')}", ["S9"]),
        ("Variable.get('warehouse_password')", ["S9"]),
        ("Connection.get('db').get_uri()", ["S9"]),
        ("open('rows.txt').read()", ["S9"]),
        ("int(open('offset.txt').read())", []),
        ("os.environ['REGION']", []),
        ("Variable.get('region')", []),
    ],
)
def test_what_a_store_is_given(value: str, rules: list[str]) -> None:
    """Secrets by the name they have elsewhere, and what a file holds."""
    text = (
        "import os\nfrom airflow.sdk import Connection, Variable, task\n@task\n"
        f"def t(task_state_store):\n    task_state_store.set('x', {value})\n"
    )
    assert _rules(text) == rules


def test_a_token_that_is_renewed() -> None:
    """Kept in a Variable it is no cursor: moved to a store it would be a secret in clear text."""
    text = (
        "from airflow.sdk import Variable, task\n@task\ndef t():\n"
        "    token = Variable.get('access_token')\n    if expired(token):\n"
        "        Variable.set('access_token', renew(token))\n"
    )
    assert _rules(text) == []


@pytest.mark.parametrize(
    ("submits", "rules"),
    [
        (
            "@task\ndef trigger_job():\n    return hook.run('POST').json()['id']\nj = trigger_job()\n",
            ["S6"],
        ),
        ("def go():\n    return spark.submit('x')\nj = task(task_id='go')(go)()\n", ["S6"]),
        ("@task\ndef trigger_job():\n    return None\nj = trigger_job()\n", []),
        ("@task\ndef find():\n    return hook.run('POST').json()['id']\nj = find()\n", []),
    ],
)
def test_what_submits(submits: str, rules: list[str]) -> None:
    """A task may say so by its name, and be made by calling the decorator."""
    text = (
        "from airflow.sdk import task\nfrom airflow.providers.standard.sensors.python import PythonSensor\n"
        f"{submits}PythonSensor(task_id='w', python_callable=done, op_args=[j])\n"
    )
    assert _rules(text) == rules

from datetime import timedelta

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG
from work import items_after, step


def remember(ti, item):
    ti.xcom_push(key="at", value=item)


def walk(ti):
    at = ti.xcom_pull(task_ids="walk", key="at", default=-1)
    for item in items_after(-1 if at is None else at):
        step("helpers", item)
        remember(ti, item)


with DAG("helpers", schedule=None) as dag:
    PythonOperator(
        task_id="walk", python_callable=walk, retries=2, retry_delay=timedelta(seconds=1)
    )

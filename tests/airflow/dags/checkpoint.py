from datetime import timedelta

from airflow.sdk import DAG, task
from work import items_after, step

with DAG("checkpoint", schedule=None) as dag:

    @task(retries=2, retry_delay=timedelta(seconds=1))
    def walk(**context):
        ti = context["ti"]
        at = ti.xcom_pull(task_ids="walk", key="at")
        for item in items_after(-1 if at is None else at):
            step("checkpoint", item)
            ti.xcom_push(key="at", value=item)

    walk()

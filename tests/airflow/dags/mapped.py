from datetime import timedelta

from airflow.sdk import DAG, task
from work import items_after, step

with DAG("mapped", schedule=None) as dag:

    @task(retries=2, retry_delay=timedelta(seconds=1))
    def walk(name, ti=None):
        at = ti.xcom_pull(task_ids="walk", key="at", map_indexes=ti.map_index)
        for item in items_after(-1 if at is None else at):
            step(f"mapped-{name}", item)
            ti.xcom_push(key="at", value=item)

    walk.expand(name=["a", "b"])

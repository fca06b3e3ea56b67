from datetime import datetime

from airflow.sdk import task


@task
def load(task_state_store=None, ti=None):
    print(datetime.now())
    ti.xcom_push(key="loaded", value=datetime.now().isoformat())
    task_state_store.set("finished", datetime.now().isoformat())

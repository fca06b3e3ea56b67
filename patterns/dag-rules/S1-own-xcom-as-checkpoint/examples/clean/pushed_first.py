from airflow.sdk import task


@task
def count(ti=None):
    ti.xcom_push(key="rows", value=12)
    print(ti.xcom_pull(task_ids="count", key="rows"))

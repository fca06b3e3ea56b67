from airflow.sdk import task


@task
def submit(ti=None):
    ti.xcom_push(key="job_id", value=cluster.submit_job("aggregate.sql"))


@task
def clean_up(ti=None):
    cluster.forget(ti.xcom_pull(task_ids="submit", key="job_id"))

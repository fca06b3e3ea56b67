from airflow.sdk import task


@task(retries=3)
def train(ti=None):
    handle = ti.xcom_pull(task_ids="train", key="training_id")
    if handle is None:
        handle = platform.start_training_job(size="large")
        ti.xcom_push(key="training_id", value=handle)
    platform.wait(handle)

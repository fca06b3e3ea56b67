from airflow.sdk import task


@task(retries=3)
def train(ti=None, task_state_store=None):
    handle = task_state_store.get("training_id")
    if handle is None:
        handle = platform.start_training_job(size="large")
        task_state_store.set("training_id", handle)
    platform.wait(handle)

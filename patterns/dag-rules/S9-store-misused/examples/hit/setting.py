from airflow.sdk import task


@task
def load(task_state_store=None):
    for page in pages(size=task_state_store.get("page_size", default=500)):
        write(page)

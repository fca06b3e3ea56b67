from airflow.sdk import task


@task
def load(task_state_store=None):
    for page in pages(size=task_state_store.get("page_size", default=500)):
        write(page)


@task
def configure(task_state_store=None):
    task_state_store.set("bucket", "landing")
    task_state_store.set("status", "configured")

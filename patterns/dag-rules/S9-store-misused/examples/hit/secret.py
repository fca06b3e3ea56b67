from airflow.sdk import BaseHook, task


@task
def log_in(task_state_store=None):
    connection = BaseHook.get_connection("shop")
    task_state_store.set("login", connection.password)
    task_state_store.set("access_token", token_of("shop"))

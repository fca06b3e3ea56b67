from airflow.sdk import dag, task


@dag
def rates():
    @task
    def fetch(task_state_store=None):
        task_state_store.set("rate", rate_of("EUR"))

    @task
    def apply(task_state_store=None):
        convert(task_state_store.get("rate"))

    fetch() >> apply()


rates()

from airflow.sdk import dag, task


@dag
def rates():
    @task
    def fetch(task_state_store=None, ti=None):
        ti.xcom_push(key="rate", value=rate_of("EUR"))

    @task
    def apply(task_state_store=None, ti=None):
        convert(ti.xcom_pull(task_ids="fetch", key="rate"))

    fetch() >> apply()


rates()

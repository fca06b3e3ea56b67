from airflow.sdk import dag, task


@dag
def handing_over():
    @task
    def extract(ti=None):
        ti.xcom_push(key="page", value=7)

    @task
    def load(ti=None):
        page = ti.xcom_pull(task_ids="extract", key="page")
        ti.xcom_push(key="page", value=page + 1)

    extract() >> load()


handing_over()

from airflow.sdk import DAG, task
from work import step

with DAG("handover", schedule=None) as dag:

    @task
    def fetch(task_state_store):
        task_state_store.set("rate", 7)

    @task
    def convert(task_state_store):
        step("handover", task_state_store.get("rate", default="nothing"))

    fetch() >> convert()

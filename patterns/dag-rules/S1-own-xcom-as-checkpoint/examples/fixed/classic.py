from airflow import DAG
from airflow.operators.python import PythonOperator
from airflow.sdk import get_current_context


def remember(task_instance, place):
    get_current_context()["task_state_store"].set("place", place)


def walk_bucket(task_instance, task_state_store=None):
    (place,) = [task_state_store.get("place")]
    for name in list_names(after=place):
        load(name)
        remember(task_instance, name)


with DAG("bucket", schedule="@hourly") as dag:
    PythonOperator(task_id="walk_bucket", python_callable=walk_bucket, retries=2)

from airflow import DAG
from airflow.operators.python import PythonOperator


def remember(task_instance, place):
    task_instance.xcom_push("place", place)


def walk_bucket(task_instance):
    (place,) = task_instance.xcom_pull(task_ids=[task_instance.task_id], key="place")
    for name in list_names(after=place):
        load(name)
        remember(task_instance, name)


with DAG("bucket", schedule="@hourly") as dag:
    PythonOperator(task_id="walk_bucket", python_callable=walk_bucket, retries=2)

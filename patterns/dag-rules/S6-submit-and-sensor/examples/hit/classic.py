from airflow import DAG
from airflow.operators.python import PythonOperator
from ourselves.sensors import ClusterJobSensor


def start():
    return cluster.submit_job("nightly.sql")


with DAG("nightly"):
    started = PythonOperator(task_id="start", python_callable=start)
    ClusterJobSensor(task_id="done", job="{{ ti.xcom_pull(task_ids='start') }}")

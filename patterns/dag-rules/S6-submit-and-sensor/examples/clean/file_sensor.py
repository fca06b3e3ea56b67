from airflow.providers.standard.sensors.filesystem import FileSensor
from airflow.sdk import dag, task


@dag
def nightly():
    @task
    def start():
        return cluster.submit_job("nightly.sql")

    arrived = FileSensor(task_id="arrived", filepath="/data/in.csv")
    arrived >> start()


nightly()

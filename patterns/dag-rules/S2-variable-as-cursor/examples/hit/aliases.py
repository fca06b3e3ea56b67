from airflow.models import Variable as V
from airflow.sdk import dag, task

KEY = "events_offset"
read = V.get


@dag
def events():
    @task
    def drain(run_id):
        offset = int(read(f"{KEY}_{run_id}", 0))
        batch = fetch(offset)
        V.set(f"{KEY}_{run_id}", offset + len(batch))

    drain()


events()

from airflow.models import Variable as V
from airflow.sdk import dag, task

KEY = "events_offset"
read = V.get


@dag
def events():
    @task
    def drain(run_id, task_state_store=None):
        offset = int(task_state_store.get(f"{KEY}_{run_id}", default=0))
        batch = fetch(offset)
        task_state_store.set(f"{KEY}_{run_id}", offset + len(batch))

    drain()


events()

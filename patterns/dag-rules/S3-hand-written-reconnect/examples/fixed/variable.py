from __future__ import annotations

from airflow.sdk import dag, task


@dag
def nightly():
    @task(retries=2)
    def aggregate(task_state_store=None):
        job_id = task_state_store.get("aggregate_job_id")
        if not job_id:
            job_id = cluster.submit_job("aggregate.sql")
            task_state_store.set("aggregate_job_id", job_id)
        cluster.wait(job_id)
        task_state_store.delete("aggregate_job_id")

    aggregate()


nightly()

from __future__ import annotations

from airflow.models import Variable
from airflow.sdk import dag, task


@dag
def nightly():
    @task(retries=2)
    def aggregate():
        job_id = Variable.get("aggregate_job_id", default_var=None)
        if not job_id:
            job_id = cluster.submit_job("aggregate.sql")
            Variable.set("aggregate_job_id", job_id)
        cluster.wait(job_id)
        Variable.set("aggregate_job_id", "")

    aggregate()


nightly()

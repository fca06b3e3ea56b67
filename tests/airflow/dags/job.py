from datetime import timedelta

from airflow.sdk import DAG, task
from work import Jobs

with DAG("job", schedule=None) as dag:

    @task(retries=2, retry_delay=timedelta(seconds=1))
    def run(ti=None):
        jobs = Jobs("job")
        job_id = ti.xcom_pull(task_ids="run", key="job_id")
        if job_id is None:
            job_id = jobs.submit()
            ti.xcom_push(key="job_id", value=job_id)
        jobs.wait(job_id)

    run()

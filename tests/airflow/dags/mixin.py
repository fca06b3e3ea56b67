from datetime import timedelta

from airflow.sdk import DAG, BaseOperator, ResumableJobMixin
from work import Jobs

JOBS = Jobs("mixin")


class JobOperator(ResumableJobMixin, BaseOperator):
    def execute(self, context):
        job_id = self.submit_job(context)
        self.poll_until_complete(job_id, context)
        return self.get_job_result(job_id, context)

    def submit_job(self, context):
        return JOBS.submit()

    def get_job_status(self, external_id, context):
        return "RUNNING"

    def is_job_active(self, status):
        return status == "RUNNING"

    def is_job_succeeded(self, status):
        return status == "DONE"

    def poll_until_complete(self, external_id, context):
        JOBS.wait(external_id)

    def get_job_result(self, external_id, context):
        return external_id


with DAG("mixin", schedule=None) as dag:
    JobOperator(task_id="run", retries=2, retry_delay=timedelta(seconds=1))

from airflow.sdk import DAG, BaseOperator, ResumableJobMixin


class LoadOperator(ResumableJobMixin, BaseOperator):
    def execute(self, context):
        return self.execute_resumable(context)

    def submit_job(self, context):
        return self.hook.submit(self.sql)

    def get_job_status(self, external_id, context):
        return self.hook.status(external_id)

    def is_job_active(self, status):
        return status == "RUNNING"

    def is_job_succeeded(self, status):
        return status == "DONE"

    def poll_until_complete(self, external_id, context):
        self.hook.wait(external_id)

    def get_job_result(self, external_id, context):
        return external_id


with DAG("load", default_args={"owner": "etl"}):
    LoadOperator(task_id="load", retries=2)
    LoadOperator(task_id="again", retries=2)

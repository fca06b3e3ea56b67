from airflow.sdk import BaseOperator


class WaitOperator(BaseOperator):
    def execute(self, context):
        started = context["ti"].xcom_pull(task_ids=self.task_id, key="started")
        if started is None:
            context["ti"].xcom_push(key="started", value=True)
        self.defer(trigger=a_trigger(), method_name="execute")

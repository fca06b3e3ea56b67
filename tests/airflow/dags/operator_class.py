from datetime import timedelta

from airflow.sdk import DAG, BaseOperator
from work import items_after, step


class WalkOperator(BaseOperator):
    def execute(self, context):
        at = context["ti"].xcom_pull(task_ids=self.task_id, key="at")
        for item in items_after(-1 if at is None else at):
            step("operator_class", item)
            context["ti"].xcom_push(key="at", value=item)


with DAG("operator_class", schedule=None) as dag:
    WalkOperator(task_id="walk", retries=2, retry_delay=timedelta(seconds=1))

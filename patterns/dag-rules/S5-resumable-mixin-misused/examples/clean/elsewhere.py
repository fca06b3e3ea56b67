from airflow.sdk import ResumableJobMixin

from ourselves.operators import SparkOperator


class LoadOperator(ResumableJobMixin, SparkOperator):
    def execute(self, context):
        return self.execute_resumable(context)

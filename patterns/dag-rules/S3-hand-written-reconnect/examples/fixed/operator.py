from airflow.models import BaseOperator


class QueryOperator(BaseOperator):
    def execute(self, context):
        query_id = context["task_state_store"].get("warehouse_query_id")
        if query_id is None or not self.running(query_id):
            query_id = self.start()
            context["task_state_store"].set("warehouse_query_id", query_id)
        self.wait(query_id)

    def start(self):
        return self.hook.submit(self.sql)

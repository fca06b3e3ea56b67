from airflow.models import BaseOperator, Variable


class QueryOperator(BaseOperator):
    def execute(self, context):
        query_id = Variable.get("warehouse_query_id", None)
        if query_id is None or not self.running(query_id):
            query_id = self.start()
            Variable.set("warehouse_query_id", query_id)
        self.wait(query_id)

    def start(self):
        return self.hook.submit(self.sql)

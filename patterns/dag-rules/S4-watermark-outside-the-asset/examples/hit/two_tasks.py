from airflow.models import Variable
from airflow.sdk import Asset, dag, task

STOCK = Asset("stock")


@dag
def stock():
    @task
    def fetch():
        return rows_after(Variable.get("stock_watermark"))

    @task(outlets=[STOCK])
    def load(rows):
        write(rows)
        Variable.set("stock_watermark", rows[-1]["changed"])

    load(fetch())


stock()

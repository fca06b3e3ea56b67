from datetime import timedelta

from airflow.sdk import DAG, Asset, Variable, task
from work import items_after, step

SPLIT = Asset(name="split")

with DAG("split_watermark", schedule=None) as dag:

    @task
    def fetch():
        mark = Variable.get("split_watermark", default="-1")
        return list(items_after(mark))[:4]

    @task(outlets=[SPLIT], retries=1, retry_delay=timedelta(seconds=1))
    def load(items):
        for item in items:
            step("split_watermark", item)
        Variable.set("split_watermark", str(items[-1]))

    load(fetch())

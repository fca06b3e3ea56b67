from datetime import timedelta

from airflow.models import Variable
from airflow.sdk import DAG, Asset, task
from work import done, items_after, step

WALKED = Asset(name="walked")

with DAG("watermark", schedule=None) as dag:

    @task(retries=2, retry_delay=timedelta(seconds=1), outlets=[WALKED])
    def walk(**context):
        mark = Variable.get("walked_watermark", default_var="-1")
        for item in list(items_after(mark))[:4]:
            step("watermark", item)
        Variable.set("walked_watermark", done("watermark")[-1])

    walk()

from datetime import timedelta

from airflow.models import Variable
from airflow.sdk import DAG, task
from work import items_after, step

with DAG("cursor", schedule=None) as dag:

    @task(retries=2, retry_delay=timedelta(seconds=1))
    def walk():
        cursor = Variable.get("walk_cursor", default_var="-1")
        for item in items_after(cursor):
            step("cursor", item)
            Variable.set("walk_cursor", str(item))

    walk()

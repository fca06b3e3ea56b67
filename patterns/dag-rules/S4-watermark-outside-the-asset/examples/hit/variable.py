from __future__ import annotations

from airflow.models import Variable
from airflow.sdk import Asset, dag, task

PRICES = Asset("prices")


@dag(schedule="@hourly")
def prices():
    @task(outlets=[PRICES])
    def load(**context):
        mark = Variable.get("prices_watermark", default_var="2026-01-01")
        rows = rows_after(mark)
        write(rows)
        Variable.set("prices_watermark", max(row["changed"] for row in rows))

    load()


prices()

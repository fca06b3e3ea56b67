from __future__ import annotations

from airflow.sdk import Asset, dag, task

PRICES = Asset("prices")


@dag(schedule="@hourly")
def prices():
    @task(outlets=[PRICES])
    def load(**context):
        mark = context["asset_state_store"][PRICES].get("prices_watermark", default="2026-01-01")
        rows = rows_after(mark)
        write(rows)
        context["asset_state_store"][PRICES].set("prices_watermark", max(row["changed"] for row in rows))

    load()


prices()

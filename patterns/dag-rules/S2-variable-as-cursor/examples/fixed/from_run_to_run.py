from airflow.sdk import Asset, dag, task

ORDERS_SINCE = Asset(name="orders_since")


@dag(schedule="@hourly")
def orders():
    @task(inlets=[ORDERS_SINCE])
    def fetch_orders(asset_state_store=None):
        since = asset_state_store[ORDERS_SINCE].get("orders_since", default="2026-01-01")
        rows = rows_after(since)
        save(rows)
        asset_state_store[ORDERS_SINCE].set("orders_since", rows[-1]["changed"])

    fetch_orders()


orders()

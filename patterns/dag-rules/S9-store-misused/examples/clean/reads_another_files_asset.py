from airflow.sdk import Asset, task

ROWS = Asset("rows")


@task(inlets=[ROWS])
def consume(asset_state_store=None):
    print(asset_state_store[ROWS].get("watermark"))

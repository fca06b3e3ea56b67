import datetime

from airflow.sdk import Asset, task

ROWS = Asset("rows")


@task(outlets=[ROWS])
def load(asset_state_store=None):
    write(rows_after(asset_state_store.get("watermark")))
    asset_state_store.set("watermark", str(datetime.datetime.now()))

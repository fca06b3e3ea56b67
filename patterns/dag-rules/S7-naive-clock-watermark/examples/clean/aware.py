from datetime import datetime, timezone

from airflow.sdk import Asset, task

ROWS = Asset("rows")


@task(outlets=[ROWS])
def load(asset_state_store=None):
    write(rows_after(asset_state_store.get("watermark")))
    asset_state_store.set("watermark", datetime.now(timezone.utc).isoformat())
    asset_state_store.set("watermark_local", datetime.now().astimezone().isoformat())

from airflow.sdk import Asset, task

PRICES = Asset("prices")


@task(outlets=[PRICES])
def load(asset_state_store=None):
    state = asset_state_store[PRICES]
    rows = rows_after(state.get("watermark", default="2026-01-01"))
    write(rows)
    state.set("watermark", max(row["changed"] for row in rows))

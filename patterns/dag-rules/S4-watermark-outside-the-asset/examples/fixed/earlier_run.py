from airflow.sdk import Asset, task

STOCK = Asset("stock")


@task(outlets=[STOCK])
def load(ti=None, asset_state_store=None):
    mark = asset_state_store[STOCK].get("mark")
    rows = rows_after(mark)
    asset_state_store[STOCK].set("mark", rows[-1]["changed"])

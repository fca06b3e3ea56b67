from airflow.sdk import Asset, dag, task

STOCK = Asset("stock")


@dag
def stock():
    @task(inlets=[STOCK])
    def fetch(asset_state_store=None):
        return rows_after(asset_state_store[STOCK].get("stock_watermark"))

    @task(outlets=[STOCK])
    def load(rows, asset_state_store=None):
        write(rows)
        asset_state_store[STOCK].set("stock_watermark", rows[-1]["changed"])

    load(fetch())


stock()

from airflow.sdk import Asset, dag, task

SHOPS = Asset("shops")


@dag
def shops():
    @task(outlets=[SHOPS])
    def load(shop, asset_state_store=None):
        state = asset_state_store[SHOPS]
        rows = rows_of(shop, after=state.get("watermark"))
        state.set("watermark", rows[-1]["changed"])

    load.expand(shop=["north", "south"])


shops()

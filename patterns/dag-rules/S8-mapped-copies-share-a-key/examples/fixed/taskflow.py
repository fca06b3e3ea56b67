from airflow.sdk import Asset, dag, task

SHOPS = Asset("shops")


@dag
def shops():
    @task(outlets=[SHOPS])
    def load(shop, asset_state_store=None, ti=None):
        state = asset_state_store[SHOPS]
        rows = rows_of(shop, after=state.get(f"watermark/{ti.map_index}"))
        state.set(f"watermark/{ti.map_index}", rows[-1]["changed"])

    load.expand(shop=["north", "south"])


shops()

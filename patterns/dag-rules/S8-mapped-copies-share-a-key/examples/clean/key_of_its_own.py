from airflow.sdk import Asset, dag, task

SHOPS = Asset("shops")


@dag
def shops():
    @task(outlets=[SHOPS])
    def load(shop, asset_state_store=None, ti=None):
        state = asset_state_store[SHOPS]
        rows = rows_of(shop, after=state.get(f"watermark/{shop}"))
        state.set(f"watermark/{shop}", rows[-1]["changed"])
        state.set("rows/" + str(ti.map_index), len(rows))

    load.expand(shop=["north", "south"])


shops()

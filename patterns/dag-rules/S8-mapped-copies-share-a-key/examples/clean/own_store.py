from airflow.sdk import dag, task


@dag
def shops():
    @task(retries=2)
    def load(shop, task_state_store=None):
        after = task_state_store.get("after")
        for row in rows_of(shop, after=after):
            write(row)
            task_state_store.set("after", row["id"])

    load.partial().expand(shop=["north", "south"])


shops()

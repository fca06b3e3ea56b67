from airflow.sdk import Variable, dag, task


@dag(schedule="@hourly")
def orders():
    @task
    def fetch_orders():
        since = Variable.get("orders_since", default="2026-01-01")
        rows = rows_after(since)
        save(rows)
        Variable.set("orders_since", rows[-1]["changed"])

    fetch_orders()


orders()

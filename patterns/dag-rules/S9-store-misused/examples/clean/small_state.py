from airflow.sdk import Asset, task

ROWS = Asset("rows")


@task(outlets=[ROWS], retries=2)
def load(task_state_store=None, asset_state_store=None):
    rows = cursor().fetchall()
    task_state_store.set("status", "fetched")
    task_state_store.set("next_page_token", rows[-1]["token"])
    asset_state_store[ROWS].set("summary", {"rows": len(rows), "status": "done"})
    print(task_state_store.get("status"))

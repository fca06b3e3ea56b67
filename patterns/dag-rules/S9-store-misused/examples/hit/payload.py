from airflow.sdk import Asset, task

ROWS = Asset("rows")


@task
def load(task_state_store=None):
    rows = cursor().fetchall()
    task_state_store.set("rows", rows)


@task(outlets=[ROWS])
def publish(frame, asset_state_store=None):
    asset_state_store[ROWS].set("snapshot", frame.to_json())

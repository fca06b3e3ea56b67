from airflow.sdk import Asset, task

STOCK = Asset("stock")


@task(outlets=[STOCK])
def load(ti=None):
    mark = ti.xcom_pull(task_ids="load", key="mark", include_prior_dates=True)
    rows = rows_after(mark)
    ti.xcom_push(key="mark", value=rows[-1]["changed"])

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, Asset

SHOPS = Asset("shops")


def load(shop, **context):
    rows = rows_of(shop)
    context["asset_state_store"].set(f"watermark/{context['ti'].map_index}", rows[-1]["changed"])


with DAG("shops"):
    PythonOperator.partial(task_id="load", python_callable=load, outlets=[SHOPS]).expand(
        op_args=[["north"], ["south"]]
    )

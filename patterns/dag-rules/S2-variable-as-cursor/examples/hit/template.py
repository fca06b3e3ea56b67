from airflow.models import Variable
from airflow.providers.standard.operators.python import PythonOperator


def load(since):
    last = None
    for row in rows_after(since):
        last = row["id"]
        Variable.set("load_since", last)


PythonOperator(
    task_id="load",
    python_callable=load,
    op_kwargs={"since": "{{ var.value.load_since }}"},
)

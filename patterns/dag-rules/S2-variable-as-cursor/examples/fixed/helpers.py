from airflow.operators.python import PythonOperator
from airflow.sdk import get_current_context


def cursor_of(name):
    return get_current_context()["task_state_store"].get(name)


def move(name, value):
    get_current_context()["task_state_store"].set(name, value)


def work():
    cursor = cursor_of("crm_cursor")
    for row in rows_after(cursor):
        move("crm_cursor", row.id)


PythonOperator(task_id="work", python_callable=work)

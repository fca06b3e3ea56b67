from airflow.models import Variable
from airflow.operators.python import PythonOperator


def cursor_of(name):
    return Variable.get(name)


def move(name, value):
    Variable.set(name, value)


def work():
    cursor = cursor_of("crm_cursor")
    for row in rows_after(cursor):
        move("crm_cursor", row.id)


PythonOperator(task_id="work", python_callable=work)

from airflow.sdk import task

from ourselves import Variable


@task
def work():
    cursor = Variable.get("cursor")
    Variable.set("cursor", cursor + 1)

from airflow.models import Variable
from airflow.sdk import task


@task
def load():
    limit = int(Variable.get("load_limit", default_var="100"))
    take(limit)


@task
def raise_limit(limit):
    Variable.set("load_limit", limit)

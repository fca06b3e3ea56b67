from airflow.models import Variable
from airflow.sdk import task


@task
def once():
    if Variable.get("migrated", default_var="no") == "no":
        migrate()
        Variable.set("migrated", "yes")

from airflow.models import Variable
from airflow.sdk import task


@task
def work():
    source = Variable.get("source_position")
    Variable.set("target_position", copy(source))

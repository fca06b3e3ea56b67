from datetime import datetime

from airflow.models import Variable
from airflow.sdk import task


@task
def load():
    rows = rows_after(Variable.get("rows_since"))
    write(rows)
    now = datetime.utcnow()
    Variable.set("rows_since", now.isoformat())

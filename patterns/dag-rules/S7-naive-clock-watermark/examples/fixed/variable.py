from datetime import datetime, timezone

from airflow.models import Variable
from airflow.sdk import task


@task
def load():
    rows = rows_after(Variable.get("rows_since"))
    write(rows)
    now = datetime.now(timezone.utc)
    Variable.set("rows_since", now.isoformat())

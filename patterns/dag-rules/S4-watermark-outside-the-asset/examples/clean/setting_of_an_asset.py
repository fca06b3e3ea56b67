from airflow.models import Variable
from airflow.sdk import Asset, task

PRICES = Asset("prices")


@task(outlets=[PRICES])
def load():
    write(rows_of(Variable.get("prices_currency")))

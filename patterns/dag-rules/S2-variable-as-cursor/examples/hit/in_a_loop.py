from __future__ import annotations

from airflow.models import Variable
from airflow.sdk import dag, task


@dag(schedule="@daily")
def tickets():
    @task(retries=3)
    def import_tickets():
        last = Variable.get("tickets_last_id", default_var="0")
        for ticket in tickets_after(last):
            store(ticket)
            Variable.set("tickets_last_id", ticket["id"])

    import_tickets()


tickets()

from __future__ import annotations

from airflow.sdk import dag, task


@dag(schedule="@daily")
def tickets():
    @task(retries=3)
    def import_tickets(task_state_store=None):
        last = task_state_store.get("tickets_last_id", default="0")
        for ticket in tickets_after(last):
            store(ticket)
            task_state_store.set("tickets_last_id", ticket["id"])

    import_tickets()


tickets()

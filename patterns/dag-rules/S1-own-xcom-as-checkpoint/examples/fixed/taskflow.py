from __future__ import annotations

from airflow.sdk import dag, task


@dag(schedule="@daily")
def invoices():
    @task(retries=3)
    def copy_pages(**context):
        ti = context["ti"]
        page = context["task_state_store"].get("page") or 0
        for number in range(page, 40):
            copy(number)
            context["task_state_store"].set("page", number + 1)

    copy_pages()


invoices()

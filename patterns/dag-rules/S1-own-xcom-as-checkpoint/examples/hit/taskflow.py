from __future__ import annotations

from airflow.sdk import dag, task


@dag(schedule="@daily")
def invoices():
    @task(retries=3)
    def copy_pages(**context):
        ti = context["ti"]
        page = ti.xcom_pull(task_ids="copy_pages", key="page") or 0
        for number in range(page, 40):
            copy(number)
            ti.xcom_push(key="page", value=number + 1)

    copy_pages()


invoices()

from airflow.sdk import dag, task


@dag
def invoices():
    @task(retries=3)
    def copy_pages(task_state_store=None):
        page = task_state_store.get("page", default=0)
        for number in range(page, 40):
            copy(number)
            task_state_store.set("page", number + 1)

    copy_pages()


invoices()

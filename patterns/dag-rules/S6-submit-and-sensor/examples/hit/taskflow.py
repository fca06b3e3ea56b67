from airflow.sdk import dag, task


@dag
def nightly():
    @task
    def start():
        return cluster.submit_job("nightly.sql")

    @task.sensor(poke_interval=60)
    def done(job):
        return cluster.status(job) == "DONE"

    job = start()
    done(job)


nightly()

from airflow.models.run import Run


def api(run):
    return run.fetch("load", session=None)

from airflow.models.run import Run


def mail(run):
    return run.fetch("load", db=None)

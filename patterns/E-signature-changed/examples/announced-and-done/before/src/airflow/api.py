from airflow.build import build


def make(plan, runner):
    return build(plan, runner, None)

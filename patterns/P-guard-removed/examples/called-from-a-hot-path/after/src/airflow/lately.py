from airflow.models.retry import Retry


def latest_look(ti, session):
    """Find when a task was last looked at."""
    return session.scalar(Retry.latest(ti))

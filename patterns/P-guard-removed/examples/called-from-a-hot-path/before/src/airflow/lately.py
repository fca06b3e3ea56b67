from airflow.models.retry import Retry


def latest_look(ti, session):
    """Find when a task was last looked at."""
    if not ti.looks_again:
        return None
    return session.scalar(Retry.latest(ti))

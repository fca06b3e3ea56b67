from airflow.sdk.errors import Skip


class Stop(Exception):
    """Stops everything."""

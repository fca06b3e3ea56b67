from airflow.plugins_manager import AirflowPlugin


class ShelfPlugin(AirflowPlugin):
    name = "shelf"
    shelves = []
    books = []

class AirflowPlugin:
    name = None
    shelves = []
    books = []

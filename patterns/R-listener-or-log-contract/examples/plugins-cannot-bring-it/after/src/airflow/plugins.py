class AirflowPlugin:
    name = None
    books = []

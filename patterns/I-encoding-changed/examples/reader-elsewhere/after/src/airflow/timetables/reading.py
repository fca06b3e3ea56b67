from airflow.timetables.making import make


def deserialize(data):
    shelf = make()
    shelf.name = data["name"]
    return shelf

from airflow.models.shelf import Book, Shelf
from airflow.serialization.kinds import Kind


class Codec:
    SERIALIZER_VERSION = 1

    def serialize(self, shelf):
        return {"name": shelf.name, "floor": shelf.floor}

    def deserialize(self, data):
        kind = data["kind"]
        if kind == Kind.SHELF:
            return Shelf(name=data["name"], floor=data["floor"])
        if kind == Kind.BOOK:
            return Book(data["name"])
        raise TypeError(kind)

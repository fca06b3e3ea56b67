class Shelf:
    def __init__(self, name, row=None):
        self.name = name
        self.row = row

    def serialize(self):
        return {"name": self.name}

    @classmethod
    def deserialize(cls, data):
        return cls(name=data["name"])

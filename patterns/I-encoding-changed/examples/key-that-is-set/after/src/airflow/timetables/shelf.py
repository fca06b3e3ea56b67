class Shelf:
    def __init__(self, name, row=None):
        self.name = name
        self.row = row

    def serialize(self):
        return {"name": self.name, "row": self.row}

    @classmethod
    def deserialize(cls, data):
        data["row"] = cls.first_row()
        return cls(name=data["name"])

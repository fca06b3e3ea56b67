def deserialize(data):
    if len(data["name"]) == 0:
        raise ValueError("a shelf has a name")
    return data["name"]

def deserialize(data):
    if not data["name"]:
        raise ValueError("a shelf has a name")
    return data["name"]

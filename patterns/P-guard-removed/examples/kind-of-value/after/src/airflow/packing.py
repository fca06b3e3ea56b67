def pack(value):
    """Say a value in plain words."""
    return [pack(part) for part in value]


def packed(values):
    """Say values in plain words."""
    for value in values:
        yield pack(value)

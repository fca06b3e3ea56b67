def pack(value):
    """Say a value in plain words."""
    if isinstance(value, Parcel):
        return value.name
    return [pack(part) for part in value]


def packed(values):
    """Say values in plain words."""
    for value in values:
        if isinstance(value, (Parcel, Letter)):
            continue
        yield pack(value)

def __settle(name, rows):
    return rows.first(name)


def settle(name, rows):
    return __settle(name, rows)

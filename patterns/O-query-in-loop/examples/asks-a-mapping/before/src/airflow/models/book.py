def report(shelves, owners, session):
    return [shelf.id for shelf in shelves]

def report(shelves, owners, session):
    return [owners.get(shelf.owner_id) for shelf in shelves]

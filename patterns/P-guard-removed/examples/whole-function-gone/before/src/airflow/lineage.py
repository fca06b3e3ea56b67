def owners_of(table, session):
    """Give the owners of a table."""
    if table.is_scratch:
        return []
    return session.scalars(table.owners).all()


def readers_of(table):
    """Give who reads a table."""
    return table.readers

def owners_of(table, session):
    """Give the owners of a table."""
    return session.scalars(table.owners).all()

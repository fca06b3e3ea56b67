def owners_of(table, session):
    """Give the owners of a table."""
    if table.is_scratch:
        raise ValueError(table.name)
    return session.scalars(table.owners).all()

def owners_of(table, session):
    """Give the owners of a table."""
    if table.is_scratch:
        return []
    if not table.name:
        return []
    return session.scalars(table.owners).all()

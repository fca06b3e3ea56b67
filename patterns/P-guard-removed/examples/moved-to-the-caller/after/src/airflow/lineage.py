def owners_of(table, session):
    """Give the owners of a table."""
    return session.scalars(table.owners).all()


def report(tables, session):
    """List all owners."""
    return [owners_of(table, session) for table in tables if not table.is_scratch]

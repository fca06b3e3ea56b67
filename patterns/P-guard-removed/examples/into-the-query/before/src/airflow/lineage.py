from sqlalchemy import select


def owners_of(table, session):
    """Give the owners of a table."""
    if table.is_scratch:
        return []
    return session.scalars(select(table.owners)).all()

from sqlalchemy import select


def owners_of(table, session):
    """Give the owners of a table."""
    wanted = select(table.owners).where(~table.is_scratch)
    return session.scalars(wanted).all()

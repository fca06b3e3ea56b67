def owners_of(table, session):
    """Give the owners of a table."""
    if (
        table.is_scratch
        # Some are kept for a while.
        and not table.kept
    ):
        return []
    return session.scalars(table.owners).all()

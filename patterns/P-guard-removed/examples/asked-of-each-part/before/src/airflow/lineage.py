from airflow.models.owner import Owner


def owners_of(table, session):
    """Give the owners of a table."""
    name = table.name
    if table.is_scratch:
        return []
    return session.scalars(Owner.of(name)).all()

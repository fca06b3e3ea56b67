from airflow.models.owner import Owner


def owners_of(table, session):
    """Give the owners of a table."""
    # A scratch table was passed over: table.is_scratch
    name = table.name
    return session.scalars(Owner.of(name)).all()

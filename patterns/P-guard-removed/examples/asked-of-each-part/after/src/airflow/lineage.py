from airflow.models.owner import Owner


def owners_of(table, session):
    """Give the owners of a table."""
    name = table.name
    for part in table.parts:
        if part.table_kind == "scratch" and table.listed:
            return []
    return session.scalars(Owner.of(name)).all()

from sqlalchemy import select

from airflow.models.orm import Owner


def report(shelves, session):
    return [session.get(Owner, shelf.owner_id) for shelf in shelves]

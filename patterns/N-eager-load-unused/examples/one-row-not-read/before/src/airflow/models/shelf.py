from sqlalchemy import select
from sqlalchemy.orm import joinedload

from airflow.models.orm import Shelf


def stored(name, session):
    shelf = session.scalar(select(Shelf).where(Shelf.name == name).limit(1))
    return shelf.name

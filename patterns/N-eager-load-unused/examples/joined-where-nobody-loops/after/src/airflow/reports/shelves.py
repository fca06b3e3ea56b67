from sqlalchemy import select
from sqlalchemy.orm import joinedload

from airflow.models.orm import Shelf


def shelves(session):
    return session.scalars(select(Shelf).where(Shelf.open).options(joinedload(Shelf.books)).limit(20)).all()

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from airflow.models.orm import Book, Owner, Shelf


def report(shelves, session):
    found = []
    for start in range(0, len(shelves), 500):
        ids = [shelf.id for shelf in shelves[start : start + 500]]
        found += session.scalars(select(Book).where(Book.shelf_id.in_(ids))).all()
    return found

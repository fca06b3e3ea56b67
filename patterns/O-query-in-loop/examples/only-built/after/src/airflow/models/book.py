from sqlalchemy import select

from airflow.models.orm import Book


def report(shelves, session):
    parts = []
    for shelf in shelves:
        parts.append(select(Book.id).where(Book.shelf == shelf))
    return session.scalars(select(Book).where(Book.id.in_(joined(parts)))).all()

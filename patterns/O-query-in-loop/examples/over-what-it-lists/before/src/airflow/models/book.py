from sqlalchemy import delete

from airflow.models.orm import Book, Owner


def clear(shelf, session):
    session.execute(delete(Book).where(Book.shelf == shelf))
    session.execute(delete(Owner).where(Owner.shelf == shelf))

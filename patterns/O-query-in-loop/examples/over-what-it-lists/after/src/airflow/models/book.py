from sqlalchemy import delete

from airflow.models.orm import Book, Owner


def clear(shelf, session):
    tables: list[type] = [Book, Owner]
    for table in tables:
        session.execute(delete(table).where(table.shelf == shelf))

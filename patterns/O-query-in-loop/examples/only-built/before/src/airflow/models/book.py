from sqlalchemy import select

from airflow.models.orm import Book


def report(shelves, session):
    return session.scalars(select(Book)).all()

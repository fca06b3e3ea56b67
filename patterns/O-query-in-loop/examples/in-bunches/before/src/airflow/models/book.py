from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from airflow.models.orm import Book, Owner, Shelf


def report(shelves, session):
    return shelves

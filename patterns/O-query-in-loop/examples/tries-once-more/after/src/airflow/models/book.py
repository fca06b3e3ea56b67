from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from airflow.models.orm import Book, Owner, Shelf


def report(shelves, session):
    for attempt in run_with_db_retries():
        with attempt:
            return session.scalar(select(Owner).where(Owner.open).limit(1))

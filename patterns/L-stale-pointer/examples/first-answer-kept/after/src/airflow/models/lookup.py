from functools import lru_cache

from sqlalchemy import select

from airflow.models.orm import Edition


def count(session):
    return 1


@lru_cache
def newest(book_id, session):
    return session.scalar(select(Edition).where(Edition.book_id == book_id).limit(1))

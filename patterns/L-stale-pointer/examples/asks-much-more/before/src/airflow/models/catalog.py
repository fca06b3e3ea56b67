from sqlalchemy import select

from airflow.models.orm import Catalog, Edition


class Writer:
    def write(self, book, session):
        stored = session.scalar(select(Catalog).where(Catalog.book_id == book.id))
        edition = session.scalar(select(Edition).where(Edition.book_id == book.id).limit(1))
        if stored is None:
            return False
        if stored is not None and stored.text_hash == book.text_hash:
            return False
        stored.text = book.text
        stored.edition_version = book.version
        edition.catalog = stored
        session.add(stored)
        return True

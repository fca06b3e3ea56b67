from sqlalchemy import select
from sqlalchemy.orm import selectinload

from airflow.models.orm import Book, Owner, Shelf


class SchedulerJobRunner:
    def process_executor_events(self, events, session):
        names = []
        for owner in session.scalars(select(Owner).where(Owner.open)):
            names.append(owner.name)
        return names

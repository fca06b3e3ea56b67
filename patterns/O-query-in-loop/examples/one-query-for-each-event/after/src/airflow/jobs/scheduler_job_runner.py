from sqlalchemy import select
from sqlalchemy.orm import selectinload

from airflow.models.orm import Book, Owner, Shelf


class SchedulerJobRunner:
    def process_executor_events(self, events, session):
        names = []
        for event in events:
            owner = session.scalar(select(Owner).where(Owner.id == event.owner_id))
            names.append(owner.name)
        return names

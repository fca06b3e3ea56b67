from sqlalchemy import select
from sqlalchemy.orm import selectinload

from airflow.models.orm import Book, Owner, Shelf


class SchedulerJobRunner:
    def process_executor_events(self, events, session):
        ids = [event.owner_id for event in events]
        owners = session.scalars(select(Owner).where(Owner.id.in_(ids))).all()
        names = []
        for event in events:
            names.append(event.name)
        return names, owners

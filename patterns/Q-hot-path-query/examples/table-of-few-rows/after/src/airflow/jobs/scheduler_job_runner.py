from sqlalchemy import select

from airflow.models.shelf import Shelf


class SchedulerJobRunner:
    def _do_scheduling(self, session):
        return session.scalars(select(Shelf).where(Shelf.name == "a")).all()

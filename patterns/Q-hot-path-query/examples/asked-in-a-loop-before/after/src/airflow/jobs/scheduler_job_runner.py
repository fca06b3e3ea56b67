from sqlalchemy import select

from airflow.models.ticket import Ticket


class SchedulerJobRunner:
    def _do_scheduling(self, session):
        found = []
        for run in self.runs:
            found += session.scalars(select(Ticket).where(Ticket.run_id == run.run_id)).all()
        return found

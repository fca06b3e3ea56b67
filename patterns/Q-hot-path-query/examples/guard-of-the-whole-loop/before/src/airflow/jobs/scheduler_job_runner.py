from sqlalchemy import select

from airflow.models.ticket import Ticket


class SchedulerJobRunner:
    def _do_scheduling(self, session):
        if not self.tickets_wanted:
            return []
        return session.scalars(select(Ticket).where(Ticket.run_id == self.run_id).limit(9)).all()

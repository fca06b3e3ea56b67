from sqlalchemy import select

from airflow.models.ticket import Ticket


class SchedulerJobRunner:
    def _do_scheduling(self, session):
        found = []
        for keys in self.bunches:
            found += session.scalars(select(Ticket).where(Ticket.run_id.in_(keys))).all()
        return found

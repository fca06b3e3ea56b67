from sqlalchemy import select

from airflow.models.ticket import Ticket


class SchedulerJobRunner:
    def _do_scheduling(self, session):
        found = []
        for run in self.runs:
            found += session.query(Ticket).filter(Ticket.ti_id == run.ti_id).all()
        return found

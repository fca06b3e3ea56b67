from sqlalchemy import exists, select

from airflow.models.ticket import Ticket


class SchedulerJobRunner:
    def _do_scheduling(self, session):
        return session.scalar(select(exists().where(Ticket.stamp == self.stamp)))

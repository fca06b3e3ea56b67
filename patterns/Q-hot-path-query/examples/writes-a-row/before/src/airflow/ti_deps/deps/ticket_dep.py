from sqlalchemy import insert

from airflow.models.ticket import Ticket


class TicketDep:
    def get_dep_statuses(self, ti, context, session):
        return []

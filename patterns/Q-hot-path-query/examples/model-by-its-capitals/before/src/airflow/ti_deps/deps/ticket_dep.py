from sqlalchemy import select

from airflow.models.ticket_note import TicketNote as TN


class TicketDep:
    def get_dep_statuses(self, ti, context, session):
        return []

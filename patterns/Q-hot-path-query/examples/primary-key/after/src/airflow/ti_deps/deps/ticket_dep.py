from sqlalchemy import select

from airflow.models.ticket import Ticket


class TicketDep:
    def get_dep_statuses(self, ti, context, session):
        return session.scalar(select(Ticket).where(Ticket.id == ti.ticket_id).limit(1))

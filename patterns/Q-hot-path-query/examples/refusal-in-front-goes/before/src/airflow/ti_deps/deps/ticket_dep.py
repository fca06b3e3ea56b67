from sqlalchemy import select

from airflow.models.ticket import Ticket


class TicketDep:
    def get_dep_statuses(self, ti, context, session):
        if ti.id is None:
            raise ValueError("no task instance")
        return session.scalars(select(Ticket).where(Ticket.ti_id == ti.id)).all()

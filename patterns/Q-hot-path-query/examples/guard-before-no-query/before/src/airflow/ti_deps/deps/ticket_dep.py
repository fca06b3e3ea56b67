from sqlalchemy import select

from airflow.models.ticket import Ticket


class TicketDep:
    def get_dep_statuses(self, ti, context, session):
        if not ti.task.has_tickets:
            return []
        return [ti.id]

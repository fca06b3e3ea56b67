from sqlalchemy import Column, ForeignKey, Index, Integer, String

from airflow.models.base import Base


class Ticket(Base):
    __tablename__ = "ticket"

    id = Column(Integer, primary_key=True)
    ti_id = Column(String(36), nullable=False)
    run_id = Column(String(250), nullable=False)
    state = Column(String(20), nullable=True)
    stamp = Column(String(40), nullable=True)

    __table_args__ = (
        Index("idx_ticket_ti_state", ti_id, state),
        Index("idx_ticket_run", run_id),
    )

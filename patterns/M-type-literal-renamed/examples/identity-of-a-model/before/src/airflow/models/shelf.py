from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from airflow.models.orm import Base


class Shelf(Base):
    __tablename__ = "shelf"

    kind: Mapped[str] = mapped_column(String(20))


class OpenShelf(Shelf):
    __mapper_args__ = {"polymorphic_identity": "open"}

from sqlalchemy import Column, ForeignKey, Integer, String

from airflow.models.base import Base


class Shelf(Base):
    __tablename__ = "shelf"

    id = Column(Integer, primary_key=True)
    name = Column(String(50))

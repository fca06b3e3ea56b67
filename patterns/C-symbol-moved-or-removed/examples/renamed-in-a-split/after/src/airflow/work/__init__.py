from airflow.work.runner import Runner
from airflow.work.task import TaskData

__all__ = ["Runner", "TaskData"]

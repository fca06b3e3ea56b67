from airflow.work.task import *
from airflow.work.runner import *

from airflow.models.dag import Dag
from airflow.models.pool import Pool

from airflow.models.dag import Dag

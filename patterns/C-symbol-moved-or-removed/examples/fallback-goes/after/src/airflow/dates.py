from airflow.fast.dates import parse

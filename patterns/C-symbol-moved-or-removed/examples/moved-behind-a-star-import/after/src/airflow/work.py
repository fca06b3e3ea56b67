from airflow.sdk.work import *

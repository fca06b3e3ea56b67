from airflow.providers.vendor.operators.jobs import VendorSubmitOperator
from airflow.providers.vendor.sensors.jobs import VendorJobSensor
from airflow.sdk import DAG

with DAG("nightly"):
    submitted = VendorSubmitOperator(task_id="submit", wait_for_completion=False)
    VendorJobSensor(task_id="wait", job_id=submitted.output)

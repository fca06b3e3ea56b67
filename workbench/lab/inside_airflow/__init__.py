"""Programs that the Python of an Airflow runs by path; the workbench imports none of them."""

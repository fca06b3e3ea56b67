"""What an Airflow installation knows of its tasks, by its REST API or its database, as rows."""

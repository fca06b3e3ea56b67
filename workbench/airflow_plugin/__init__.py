"""The listener plugin: ``failure_listener.py`` is copied into an Airflow's plugins folder."""

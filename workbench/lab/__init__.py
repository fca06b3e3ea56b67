"""What runs engines: databases that are filled and measured, and Airflow run as a program.

The lab measures; what its figures mean is the analysis' part.
"""

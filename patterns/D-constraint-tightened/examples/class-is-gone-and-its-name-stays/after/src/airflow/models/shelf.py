from airflow.models.cupboard import Cupboard

Shelf = Cupboard

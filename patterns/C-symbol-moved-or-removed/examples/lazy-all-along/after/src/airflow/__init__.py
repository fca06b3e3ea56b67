from typing import TYPE_CHECKING

LAZY = {"Dag": (".models.dag", "Dag")}

if TYPE_CHECKING:
    from airflow.models.dag import Dag


def __getattr__(name):
    """Import what is asked for."""
    if name in LAZY:
        return find(*LAZY[name])
    raise AttributeError(name)

from collections.abc import Mapping
from typing import Generic, TypeVar

from airflow.bases.timers import Logged

T = TypeVar("T")


class Shelves(Logged, Generic[T], Mapping[str, list]):
    def __len__(self):
        return 0

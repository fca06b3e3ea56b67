"""The listener's one file, loaded beside a package that has just what it asks Airflow for."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import workbench.airflow_plugin

PLUGIN = Path(workbench.airflow_plugin.__file__).with_name("failure_listener.py")


def loaded(patch: pytest.MonkeyPatch, *, version: str = "3.1.8") -> Any:
    """The plugin as Airflow loads it."""
    package, listeners = ModuleType("airflow"), ModuleType("airflow.listeners")
    manager = ModuleType("airflow.plugins_manager")
    package.__version__ = version  # type: ignore[attr-defined]
    listeners.hookimpl = lambda function: function  # type: ignore[attr-defined]
    manager.AirflowPlugin = object  # type: ignore[attr-defined]
    for module in (package, listeners, manager):
        patch.setitem(sys.modules, module.__name__, module)
    spec = importlib.util.spec_from_file_location("failure_listener", PLUGIN)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Task:
    """A task instance with the names of both versions."""

    dag_id, run_id, task_id, map_index, try_number = "d", "r", "t", -1, 2
    max_tries, hostname, state = 3, "w", "failed"
    start_date = end_date = queued_dttm = None
    operator, queue, pool, id = "Odd", "q", "p", None


class Hostile:
    """Everything about it raises."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __str__(self) -> str:
        raise RuntimeError("no text")

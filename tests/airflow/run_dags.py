"""Run DAG files of a folder, one after the other, inside an Airflow of their own.

Called by the Python of that Airflow: ``run_dags.py NAME[:RUNS]...``; prints a line of JSON each.
"""

from __future__ import annotations

import importlib
import json
import sys
from datetime import UTC, datetime, timedelta

START = datetime(2026, 2, 1, tzinfo=UTC)


def run(name: str, runs: int) -> list[str]:
    """Run a DAG as often as asked; a try that fails is tried again as the task says."""
    dag = importlib.import_module(name).dag
    return [str(dag.test(logical_date=START + timedelta(days=n)).state) for n in range(runs)]


for word in sys.argv[1:]:
    name, _, runs = word.partition(":")
    print("RESULT", json.dumps({"dag": name, "states": run(name, int(runs or 1))}), flush=True)

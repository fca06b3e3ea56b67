from __future__ import annotations

from airflow.options import Options


def is_due(run, options=None):
    """Say whether a run is due."""
    if options is None:
        options = Options()
    return run.due_at <= options.now

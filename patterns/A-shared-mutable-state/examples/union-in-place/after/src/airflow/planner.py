from __future__ import annotations

from airflow.options import Options


def is_due(run, options=None):
    """Say whether a run is due."""
    if options is None:
        options = Options()

    if run.is_manual:
        options.flags |= {"ignore-start"}
    return run.due_at <= options.now or "ignore-start" in options.flags

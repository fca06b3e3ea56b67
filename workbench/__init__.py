"""Turn incidents of code that leans on Apache Airflow's internals into detectors proven on history.

The grammar of the public door: ``read_*`` makes a source, ``bench.*`` fetches, a bare verb
computes, ``catalogue.*`` remembers, ``export`` and ``write_*`` write. Every name here is imported
when it is first used, so that ``import workbench`` stays quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.analysis.failures.clusters import cluster as cluster
    from workbench.analysis.failures.learning import learning_curve as learning_curve
    from workbench.analysis.failures.retries import simulate_retries as simulate_retries
    from workbench.analysis.history.backtest import backtest as backtest
    from workbench.analysis.history.detect import detect as detect
    from workbench.analysis.history.scan import scan as scan
    from workbench.analysis.history.triage import triage as triage
    from workbench.analysis.incidents.durations import durations as durations
    from workbench.analysis.scale.loop import LoopModel as LoopModel
    from workbench.bench import Bench as Bench
    from workbench.bench import open_bench as open_bench
    from workbench.bench.config_checks import check_config as check_config
    from workbench.bench.dag_checks import check_dags as check_dags
    from workbench.domain.histories import History as History
    from workbench.errors import WorkbenchError as WorkbenchError
    from workbench.exports.export import export as export
    from workbench.exports.postmortem import write_postmortem as write_postmortem
    from workbench.knowledge.promotion import promote as promote
    from workbench.lab.lab import Lab as Lab
    from workbench.shipped_files import shipped as shipped
    from workbench.sources.airflow_api import read_answers as read_answers
    from workbench.sources.airflow_api import read_server as read_server
    from workbench.sources.case_files import read_case as read_case
    from workbench.sources.downstreams import read_downstream as read_downstream
    from workbench.sources.git import read_git as read_git
    from workbench.sources.loops import read_loops as read_loops
    from workbench.sources.memory_yaml import read_memory as read_memory
    from workbench.sources.metadata_db import read_metadata as read_metadata
    from workbench.sources.query_stats import read_query_stats as read_query_stats
    from workbench.sources.releases import read_releases as read_releases
    from workbench.sources.task_logs import read_failures as read_failures
    from workbench.sources.timelines import read_timeline as read_timeline
    from workbench.text.redact import redact as redact

_HOMES = {
    "Bench": "workbench.bench",
    "History": "workbench.domain.histories",
    "Lab": "workbench.lab.lab",
    "LoopModel": "workbench.analysis.scale.loop",
    "WorkbenchError": "workbench.errors",
    "backtest": "workbench.analysis.history.backtest",
    "check_config": "workbench.bench.config_checks",
    "check_dags": "workbench.bench.dag_checks",
    "cluster": "workbench.analysis.failures.clusters",
    "detect": "workbench.analysis.history.detect",
    "durations": "workbench.analysis.incidents.durations",
    "export": "workbench.exports.export",
    "learning_curve": "workbench.analysis.failures.learning",
    "open_bench": "workbench.bench",
    "promote": "workbench.knowledge.promotion",
    "read_answers": "workbench.sources.airflow_api",
    "read_case": "workbench.sources.case_files",
    "read_downstream": "workbench.sources.downstreams",
    "read_failures": "workbench.sources.task_logs",
    "read_git": "workbench.sources.git",
    "read_loops": "workbench.sources.loops",
    "read_memory": "workbench.sources.memory_yaml",
    "read_metadata": "workbench.sources.metadata_db",
    "read_query_stats": "workbench.sources.query_stats",
    "read_releases": "workbench.sources.releases",
    "read_server": "workbench.sources.airflow_api",
    "read_timeline": "workbench.sources.timelines",
    "redact": "workbench.text.redact",
    "scan": "workbench.analysis.history.scan",
    "shipped": "workbench.shipped_files",
    "simulate_retries": "workbench.analysis.failures.retries",
    "triage": "workbench.analysis.history.triage",
    "write_postmortem": "workbench.exports.postmortem",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    what = f"module 'workbench' has no attribute {name!r}"
    raise AttributeError(what)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})

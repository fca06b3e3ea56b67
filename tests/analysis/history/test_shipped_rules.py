"""The shipped triage rules and hot paths on the layouts that the upstream had over the years."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.analysis.histories import changes, commits, history
from workbench.analysis.history.hot_path_names import on_hot_path
from workbench.analysis.history.triage import triage
from workbench.knowledge.rule_files import read_hot_paths, read_triage

PATTERNS = Path(__file__).parents[3] / "patterns"
TRIAGE = read_triage(PATTERNS)
HOT = read_hot_paths(PATTERNS)


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("tests/models/test_dag.py", "tests"),
        ("airflow-core/tests/unit/models/test_dag.py", "tests"),
        ("providers/standard/tests/unit/standard/test_x.py", "tests"),
        ("helm-tests/tests/helm_tests/test_x.py", "tests"),
        ("airflow-core/docs/howto/x.rst", "docs"),
        ("README.md", "docs"),
        ("RELEASE_NOTES.rst", "docs"),
        ("airflow-core/newsfragments/1.significant.rst", "docs"),
        ("airflow-core/newsfragments/config.toml", "newsfragments"),
        ("airflow-core/src/airflow/example_dags/tutorial.py", "example-dags"),
        ("airflow-core/src/airflow/ui/public/i18n/locales/de/common.json", "translations"),
        ("airflow-core/src/airflow/ui/src/App.tsx", "ui"),
        ("airflow/www/static/js/x.js", "ui"),
        (
            "airflow-core/src/airflow/api_fastapi/core_api/openapi/v2-rest-api-generated.yaml",
            "generated",
        ),
        ("uv.lock", "generated"),
        ("providers/snowflake/src/airflow/providers/snowflake/hooks/snowflake.py", "providers"),
        ("airflow/providers/snowflake/hooks/snowflake.py", "providers"),
        ("chart/templates/scheduler.yaml", "chart"),
        ("Dockerfile", "images"),
        (".github/workflows/ci.yml", "ci"),
        ("scripts/ci/prek/x.py", "ci"),
        ("dev/breeze/src/airflow_breeze/x.py", "dev-tools"),
        ("pyproject.toml", "packaging"),
        ("airflow-ctl/src/airflowctl/ctl/cli_config.py", "ctl"),
    ],
)
def test_what_is_skipped_and_by_which_rule(path: str, rule: str) -> None:
    """Each rule catches what its name says."""
    one = history({"commits": commits(1), "file_changes": changes((0, path))})
    assert triage(one, TRIAGE.rules).select("class", "rule").row(0) == ("SKIP", rule)


@pytest.mark.parametrize(
    "path",
    [
        "airflow/models/dag.py",
        "airflow-core/src/airflow/models/dag.py",
        "airflow-core/src/airflow/api_fastapi/core_api/routes/ui/grid.py",
        "airflow-core/src/airflow/migrations/versions/0001_x.py",
        "airflow-core/src/airflow/config_templates/config.yml",
        "airflow-core/pyproject.toml",
        "task-sdk/src/airflow/sdk/api/datamodels/_generated.py",
        "task_sdk/src/airflow/sdk/definitions/dag.py",
        "shared/logging/src/airflow_shared/logging/structlog.py",
        "airflow/www/views.py",
        "providers/standard/src/airflow/providers/standard/operators/bash.py",
        "providers/cncf/kubernetes/src/airflow/providers/cncf/kubernetes/executors/kubernetes_executor.py",
        "airflow/providers/celery/executors/celery_executor.py",
        "providers/fab/src/airflow/providers/fab/auth_manager/fab_auth_manager.py",
        "a-new-distribution/src/airflow/thing.py",
    ],
)
def test_what_is_never_skipped(path: str) -> None:
    """The core, its settings and what others subclass are looked at, and so is what is new."""
    one = history({"commits": commits(1), "file_changes": changes((0, path))})
    assert triage(one, TRIAGE.rules).select("class", "rule").row(0) == ("FULL", path)


def test_every_rule_is_shown_to_match_and_says_why() -> None:
    """A rule that nothing above is skipped by would be dead weight."""
    marks = test_what_is_skipped_and_by_which_rule.pytestmark[0].args[1]
    assert {rule for _, rule in marks} == {rule.id for rule in TRIAGE.rules}
    assert all(rule.why and rule.means == "SKIP" for rule in TRIAGE.rules)
    assert TRIAGE.problems == HOT.problems == ()


@pytest.mark.parametrize(
    ("name", "hot"),
    [
        ("airflow.ti_deps.deps.ready_to_reschedule.ReadyToRescheduleDep._get_dep_statuses", True),
        ("airflow.models.taskinstance.TaskInstance.are_dependencies_met", True),
        ("airflow.models.taskinstance.TaskInstance.are_dependencies_met.inner", False),
        ("airflow.models.taskinstance.TaskInstance.xcom_pull", False),
        ("airflow.ti_deps.deps", False),
        ("other.airflow.ti_deps.deps.x", False),
    ],
)
def test_hot_paths(name: str, hot: bool) -> None:
    """An entry point is hot as it is named; below one only where it says so."""
    assert pl.select(on_hot_path(pl.lit(name), HOT.rules)).item() is hot

"""Paths: which make a core commit, and which module they hold."""

from __future__ import annotations

import polars as pl
import pytest

from workbench.analysis.history.paths import is_core_commit_path, module_of_path


@pytest.mark.parametrize(
    ("path", "core"),
    [
        ("airflow/models/dag.py", True),
        ("airflow-core/src/airflow/models/dag.py", True),
        ("task-sdk/src/airflow/sdk/api.py", True),
        ("task_sdk/src/airflow/sdk/api.py", True),
        ("shared/logging/src/airflow_shared/logging/x.py", True),
        ("airflow/providers/http/hooks.py", False),
        ("providers/http/src/airflow/providers/http/hooks.py", False),
        ("airflow/example_dags/one.py", False),
        ("airflow-core/src/airflow/ui/x.py", False),
        ("airflow-core/tests/unit/test_x.py", False),
        ("airflow-core/src/airflow/tests/test_x.py", False),
        ("shared/logging/tests/logging/test_x.py", False),
        ("airflow-core/docs/conf.py", False),
        ("airflow/www/static/x.py", False),
        ("airflow/_vendor/x.py", False),
        ("airflow-core/src/airflow/config.yml", False),
        ("dev/breeze/src/x.py", False),
    ],
)
def test_core_commits(path: str, core: bool) -> None:
    """Python of the core, the task SDK and the shared libraries counts, in every layout."""
    assert pl.select(is_core_commit_path(pl.lit(path))).item() is core


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("airflow/models/dag.py", "airflow.models.dag"),
        ("airflow-core/src/airflow/models/__init__.py", "airflow.models"),
        ("src/pkg/__init__.py", "pkg"),
        ("a/b/src/pkg/src/x.py", "pkg.src.x"),
        ("pkg-1.2/pkg/x.py", "pkg.x"),
        ("README.md", None),
    ],
)
def test_modules(path: str, module: str | None) -> None:
    """The module starts below the first src folder or the folder of an unpacked archive."""
    assert pl.select(module_of_path(pl.lit(path))).item() == module

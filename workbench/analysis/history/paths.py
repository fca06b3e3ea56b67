"""Expressions over paths of changed files: the module a path holds, and what counts as core."""

from __future__ import annotations

import polars as pl

from workbench.text.globs import glob_match

# Core for alarm rates is narrower than core history: what upstream ships as its core, task SDK
# and shared libraries, in the layouts that its history knows, without providers, examples and UI.
CORE_GLOBS = (
    "airflow/**.py",
    "airflow-core/src/**.py",
    "task-sdk/src/**.py",
    "task_sdk/src/**.py",
    "shared/**.py",
)
NOT_CORE_GLOBS = (
    "airflow/providers/**",
    "airflow/ui/**",
    "airflow/example_dags/**",
    "airflow/www/static/**",
    "airflow-core/src/airflow/example_dags/**",
    "airflow-core/src/airflow/ui/**",
    "**/node_modules/**",
    "**/_vendor/**",
    "**/test/**",
    "**/tests/**",
    "**/doc/**",
    "**/docs/**",
)


def is_core_commit_path(path: pl.Expr) -> pl.Expr:
    """Whether a path makes its commit a core commit, the population of alarm rates."""
    return glob_match(path, (*CORE_GLOBS, *(f"!{glob}" for glob in NOT_CORE_GLOBS)))


def module_of_path(path: pl.Expr) -> pl.Expr:
    """The dotted module a Python file holds; null for other files.

    What stands above a ``src`` folder, or the folder of an unpacked archive (``name-1.2/``), is
    the distribution's place, not part of the name.
    """
    bare = (
        path.str.replace(r"^(?:.*?(?:^|/)src/|[^/]+-\d[^/]*/)", "")
        .str.strip_suffix(".py")
        .str.strip_suffix("/__init__")
        .str.replace_all("/", ".", literal=True)
    )
    return pl.when(path.str.ends_with(".py")).then(bare)

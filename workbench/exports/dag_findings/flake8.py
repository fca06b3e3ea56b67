"""The DAG rules as a flake8 plugin: codes WBS001 to WBS009 beside flake8's own."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

from workbench.analysis.dag_rules.check import check_text
from workbench.domain.dag_rules import AirflowVersion, DagRule
from workbench.errors import SourceError
from workbench.knowledge.dag_rules import dag_rules
from workbench.sources.airflow_versions import project_version, stated_version


class DagRules:
    """What flake8 makes for each file: it gives the tree, the name and the lines."""

    name = "incident-workbench-dag-rules"
    version = version("incident-workbench")
    airflow_version: str | None = None

    def __init__(self, tree: ast.Module, filename: str, lines: Sequence[str]) -> None:
        self.tree, self.filename, self.lines = tree, filename, lines

    @classmethod
    def add_options(cls, parser: object) -> None:
        """Take ``--airflow-version``, also from flake8's configuration file."""
        add = parser.add_option  # type: ignore[attr-defined]
        help_text = "The Airflow that runs the DAGs; their own requirement files tell if left out."
        add("--airflow-version", default=None, parse_from_config=True, help=help_text)

    @classmethod
    def parse_options(cls, options: object) -> None:
        """Remember the version."""
        cls.airflow_version = getattr(options, "airflow_version", None)

    def run(self) -> Iterator[tuple[int, int, str, type[DagRules]]]:
        """Yield line, column, text of each finding."""
        found = check_text(
            "".join(self.lines),
            path=self.filename,
            rules=_rules(),
            version=_version(self.airflow_version, str(Path(self.filename).parent)),
            tree=self.tree,
            fixes=False,
        )
        for finding in found:
            text = f"{finding.code} {finding.message} {finding.advice}"
            yield finding.line, finding.column - 1, text, type(self)


@cache
def _rules() -> tuple[DagRule, ...]:
    return dag_rules()


@cache
def _version(stated: str | None, folder: str) -> AirflowVersion:
    try:
        return stated_version(stated) if stated else project_version(Path(folder))
    except SourceError as error:
        raise SystemExit(str(error)) from error

"""The verb ``check_config``: an airflow.cfg and DAG files fetched, the lint asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from workbench.analysis.dag_rules.config_lint import ConfigLint, config_findings
from workbench.analysis.dag_rules.retries import RetrySetting, retry_settings
from workbench.domain.history import Rejection
from workbench.errors import Place, SourceError
from workbench.knowledge.dag_rules import rules_folder
from workbench.knowledge.state_store_reference import read_reference
from workbench.sources.airflow_versions import stated_version
from workbench.sources.dag_files import read_dag_files
from workbench.sources.dag_ignores import Ignored
from workbench.sources.text_files import read_text


def check_config(
    file: Path | str,
    *,
    dags: Sequence[Path | str] = (),
    environment: Mapping[str, str] | None = None,
    airflow_version: str | None = None,
    patterns: Path | str | None = None,
) -> ConfigLint:
    """Check the state store's settings in an airflow.cfg, and retries of DAGs against them.

    Parameters
    ----------
    file : path
        The configuration.
    dags : sequence of paths
        DAG files and folders, without what an ``.airflowignore`` leaves out; what cannot be
        judged is in the answer's rejections.
    environment : mapping, optional
        Variables; those of the form ``AIRFLOW__SECTION__KEY`` win over the file.
    airflow_version : str, optional
        The Airflow that reads the file; before 3.3 it reads nothing of this.
    patterns : path, optional
        Folder with the reference; ``./patterns`` if it has one, else the shipped one.

    Raises
    ------
    SourceError
        A path is not there, Airflow could not read the file, or the version is none.
    PatternError
        The reference cannot be used.
    """
    retries: list[RetrySetting] = []
    rejections: list[Rejection] = []
    for read in read_dag_files(dags):
        if isinstance(read, Ignored):
            continue
        if isinstance(read, Rejection):
            rejections.append(read)
            continue
        found, unjudged = retry_settings(read.tree, path=read.path)
        retries += found
        rejections += unjudged
    lint = config_findings(
        read_text(Path(file)),
        settings=read_reference(rules_folder(patterns).parent).settings,
        path=str(file),
        environment=environment,
        retries=retries,
        airflow=stated_version(airflow_version) if airflow_version else None,
    )
    for refused in lint.rejections:
        raise SourceError(refused.reason, where=Place(path=refused.path, at=refused.at))
    return replace(lint, rejections=tuple(rejections))

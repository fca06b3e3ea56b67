"""Findings in DAG files as one JSON document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from workbench.domain.dag_rules import AirflowVersion, DagCheck, DagFinding


def dag_findings(check: DagCheck, *, fixed: tuple[str, ...] = ()) -> dict[str, object]:
    """Return the body of the answer: findings, rejections, versions, counts.

    ``airflow_version`` is null where folders differ or nothing tells; ``versions`` says what each
    folder's own files say.
    """
    versions = {folder: _version(v) for folder, v in sorted(check.versions.items())}
    texts = {v.text for v in check.versions.values()}
    return {
        "files": check.files,
        "findings": [finding_row(finding) for finding in check.findings],
        "rejections": [asdict(rejection) for rejection in check.rejections],
        "ignored": list(check.ignored),
        "airflow_version": texts.pop() or None if len(texts) == 1 else None,
        "versions": versions,
        "fixed": list(fixed),
        "seconds": round(check.seconds, 3),
    }


def finding_row(finding: DagFinding) -> dict[str, object]:
    """Return one finding as plain JSON values."""
    row = asdict(finding)
    row["severity"] = finding.severity.value
    row["primitive"] = finding.primitive.value if finding.primitive else None
    return row


def _version(version: AirflowVersion) -> Mapping[str, object]:
    return {
        "text": version.text or None,
        "has_state_store": version.has_store,
        "source": version.source or None,
    }

"""Findings in DAG files reach other tools whole, worst first, and cannot break their syntax."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain.dag_rules import DagCheck, DagFinding
from workbench.domain.history import Severity
from workbench.exports.dag_findings.annotations import MOST, github_annotations
from workbench.exports.dag_findings.flake8 import DagRules
from workbench.exports.dag_findings.sarif import dag_sarif
from workbench.exports.sarif import Limits
from workbench.knowledge.dag_rules import dag_rules

TEXT = """\
from airflow.sdk import task
@task
def load(ti=None):
    at = ti.xcom_pull(task_ids="load", key="at")
    ti.xcom_push(key="at", value=next_after(at))
"""


def _finding(
    line: int = 1, severity: Severity = Severity.MEDIUM, path: str = "dags/a.py", message: str = "m"
) -> DagFinding:
    return DagFinding(
        path=path,
        line=line,
        column=1,
        rule="S1-own-xcom-as-checkpoint",
        code="WBS001",
        severity=severity,
        message=message,
        why="why",
        advice="do [this]",
    )


def _check(*findings: DagFinding) -> DagCheck:
    return DagCheck(findings=findings, rejections=(), files=1)


def test_ten_annotations_are_all_shown_eleven_are_summed_up() -> None:
    """GitHub shows ten of a step: the worst nine, and one that tells of the rest."""
    ten = [_finding(line=n) for n in range(1, 11)]
    assert len(list(github_annotations(_check(*ten)))) == MOST
    worst = _finding(line=99, severity=Severity.CRITICAL)
    lines = list(github_annotations(_check(*ten, worst)))
    assert len(lines) == MOST
    assert lines[0].startswith("::error file=dags/a.py,line=99,")
    assert lines[-1] == (
        "::notice title=DAG rules::2 more findings in 1 file: 2 of S1-own-xcom-as-checkpoint."
    )
    assert list(github_annotations(_check())) == []


@given(st.text(max_size=60), st.text(min_size=1, max_size=30))
def test_no_text_can_end_an_annotation_or_start_another(message: str, path: str) -> None:
    """Line ends, percent signs, colons and commas are escaped where they would mean something."""
    (line,) = github_annotations(_check(_finding(message=message, path=path)))
    assert "\n" not in line
    assert "\r" not in line
    head, _, said = line.removeprefix("::").partition("::")
    assert len(head.split(",")) == 4
    back = said.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
    assert back == "\n".join([message, "why", "do [this]"])


def test_sarif_cuts_worst_first_and_says_so() -> None:
    """What does not fit is counted; equal findings keep fingerprints of their own."""
    rules = dag_rules()
    found = [_finding(), _finding(), _finding(severity=Severity.HIGH)]
    log, losses = dag_sarif(rules, found, limits=Limits(results=2))
    results = log["runs"][0]["results"]
    assert [result["level"] for result in results] == ["error", "warning"]
    assert [(loss.what, loss.count) for loss in losses] == [("results", 1)]
    assert "do \\[this\\]" in results[0]["message"]["text"]
    whole, none = dag_sarif(rules, found)
    prints = {
        r["partialFingerprints"]["primaryLocationLineHash"] for r in whole["runs"][0]["results"]
    }
    assert len(prints) == 3
    assert none == ()
    assert dag_sarif(rules, [])[0]["runs"][0]["results"] == []


def test_a_path_outside_stays_a_relative_address(tmp_path: Path) -> None:
    """Code scanning takes no absolute path."""
    log, _ = dag_sarif(dag_rules(), [_finding(path=str(tmp_path / "a b.py"))])
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == f"{tmp_path}/a%20b.py".lstrip("/")


def test_flake8_gets_the_same_findings(tmp_path: Path) -> None:
    """Line, column and code of the rule; the version from the option, else from the project."""
    options: list[str] = []
    parser = SimpleNamespace(add_option=lambda name, **_: options.append(name))
    DagRules.add_options(parser)
    assert options == ["--airflow-version"]
    (tmp_path / "requirements.txt").write_text("apache-airflow==3.2.0\n")
    file = str(tmp_path / "load.py")
    plugin = DagRules(ast.parse(TEXT), file, TEXT.splitlines(keepends=True))
    ((line, column, text, kind),) = plugin.run()
    assert (line, column, kind) == (4, 9, DagRules)
    assert text.startswith("WBS001 Task load pulls XCom 'at' from itself")
    assert "task_state_store" not in text
    DagRules.parse_options(SimpleNamespace(airflow_version="3.3"))
    try:
        ((_, _, text, _),) = plugin.run()
        assert "task_state_store" in text
        DagRules.parse_options(SimpleNamespace(airflow_version="new"))
        with pytest.raises(SystemExit, match="no Airflow version"):
            list(plugin.run())
    finally:
        DagRules.parse_options(SimpleNamespace(airflow_version=None))

"""Proposed fixes under real Airflow 3.3: fail half way, try again, go on, nothing twice."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.airflow.conftest import HERE, Airflow
from workbench.bench.dag_checks import check_dags, fix_dags

pytestmark = pytest.mark.airflow

CASES = {
    "checkpoint": ("S1", 1),
    "cursor": ("S2", 1),
    "helpers": ("S1", 1),
    "operator_class": ("S1", 1),
    "mapped": ("S1", 1),
    "job": ("S3", 1),
    "mixin": ("S5", 1),
    "watermark": ("S4", 2),
    "run_to_run": ("S2", 2),
    "split_watermark": ("S4", 2),
    "handover": ("S9", 1),
}
ALL = [str(n) for n in range(10)]
HALF_TWICE = [*ALL[:5], *ALL]


@pytest.fixture(scope="module")
def found(airflow: Airflow, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[str]]:
    """What was done by the DAGs as they were written."""
    return _run(airflow, tmp_path_factory.mktemp("found"), fixed=False)


@pytest.fixture(scope="module")
def fixed(airflow: Airflow, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[str]]:
    """What was done by the same DAGs after ``dags check --fix``."""
    return _run(airflow, tmp_path_factory.mktemp("fixed"), fixed=True)


def _run(airflow: Airflow, folder: Path, *, fixed: bool) -> dict[str, list[str]]:
    dags, work = folder / "dags", folder / "work"
    shutil.copytree(HERE / "dags", dags, ignore=shutil.ignore_patterns("__pycache__"))
    work.mkdir()
    check = check_dags(dags, airflow_version="3.3.2")
    rules = {Path(f.path).stem: f.rule[:2] for f in check.findings}
    assert rules == {name: rule for name, (rule, _) in CASES.items()}
    if fixed:
        assert len(fix_dags(check)) == len(CASES)
        assert check_dags(dags, airflow_version="3.3.2").findings == ()
    states = airflow.run(dags, work, {name: runs for name, (_, runs) in CASES.items()})
    assert {name: set(found) - {"success"} for name, found in states.items()} == {
        name: set() for name in CASES
    }
    logs = (file for file in work.iterdir() if file.suffix != ".failed")
    return {file.name: file.read_text().split() for file in logs}


@pytest.mark.parametrize(
    "case", ["checkpoint", "helpers", "operator_class", "mapped-a", "mapped-b"]
)
def test_an_own_xcom_is_gone_when_the_retry_starts(
    found: Mapping[str, list[str]], case: str
) -> None:
    """What S1 says happens: half of the work is done twice."""
    assert found[case] == HALF_TWICE


@pytest.mark.parametrize(
    "case", ["checkpoint", "cursor", "helpers", "operator_class", "mapped-a", "mapped-b"]
)
def test_a_fixed_task_goes_on_from_its_checkpoint(
    fixed: Mapping[str, list[str]], case: str
) -> None:
    """Fails at half, tries again, goes on; nothing is done twice and nothing is left out."""
    assert fixed[case] == ALL


@pytest.mark.parametrize("case", ["job", "mixin"])
def test_a_fixed_task_finds_its_job_again(
    found: Mapping[str, list[str]], fixed: Mapping[str, list[str]], case: str
) -> None:
    """Before, the retry submits a second job; after, it waits for the first."""
    assert (found[case], fixed[case]) == (["submitted"] * 2, ["submitted"])


@pytest.mark.parametrize("case", ["watermark", "run_to_run"])
def test_a_fixed_watermark_outlives_the_run(
    found: Mapping[str, list[str]], fixed: Mapping[str, list[str]], case: str
) -> None:
    """The second run goes on where the first has ended, as it did with a Variable.

    The second run fails after its first item, which is then done again: the mark is written at
    the end of a run, with a Variable and with an asset.
    """
    assert fixed[case] == found[case] == [*ALL[:5], *ALL[4:8]]


def test_a_watermark_split_over_two_tasks_moves_with_its_asset(
    found: Mapping[str, list[str]], fixed: Mapping[str, list[str]]
) -> None:
    """The task that reads finds what the task that makes the asset has written in the run before.

    The second run fails after its first item, which its retry does again.
    """
    assert fixed["split_watermark"] == found["split_watermark"] == [*ALL[:5], *ALL[4:8]]


def test_another_tasks_store_is_empty_and_xcom_is_not(
    found: Mapping[str, list[str]], fixed: Mapping[str, list[str]]
) -> None:
    """What S9 says of a value that is handed over."""
    assert (found["handover"], fixed["handover"]) == (["nothing"], ["7"])

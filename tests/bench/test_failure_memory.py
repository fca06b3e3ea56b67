"""The memory of a bench over the shipped failures: what it remembers, and what it does not."""

from __future__ import annotations

import json
import runpy
import shutil
from datetime import date
from pathlib import Path

import pytest

from workbench.analysis.failures.matching import match
from workbench.analysis.failures.retries import RetryPolicy, simulate_retries
from workbench.bench import Bench, open_bench
from workbench.bench.failure_memory import FailureDesk, incoming, open_desk
from workbench.knowledge.promotion import ResolutionStub, promote
from workbench.knowledge.resolution_frames import resolutions
from workbench.shipped_files import shipped
from workbench.sources.task_logs import read_failures

FIXTURE = shipped("fixtures") / "failures"
LABELS = [json.loads(line) for line in (FIXTURE / "labels.jsonl").read_text("utf-8").splitlines()]
FAULTS = {row["log"]: row["fault"] for row in LABELS}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Everything is loaded; the ledger is that of the fixture."""
    folder = tmp_path_factory.mktemp("bench")
    shutil.copytree(FIXTURE / "remembered", folder / "patterns")
    opened = open_bench(folder / "b.duckdb", patterns=folder / "patterns")
    assert opened.load(read_failures(FIXTURE / "logs")).loaded == len(LABELS)
    return opened


@pytest.fixture(scope="module")
def desk(bench: Bench) -> FailureDesk:
    return open_desk(bench, model="words")


@pytest.fixture(scope="module")
def fault_of(desk: FailureDesk) -> dict[str, str]:
    rows = desk.failures.select("failure_id", "origin_path").iter_rows()
    return {failure: FAULTS[path.removeprefix("logs/")] for failure, path in rows}


def test_the_fixture_is_what_its_scripts_write(tmp_path: Path) -> None:
    """Logs, labels and ledger come out of the faults, byte for byte."""
    for name in ("faults.toml", "make_failures.py", "make_ledger.py"):
        shutil.copy(FIXTURE / name, tmp_path)
    for script in ("make_failures.py", "make_ledger.py"):
        runpy.run_path(str(tmp_path / script))["main"](tmp_path)
    for file in (f for f in FIXTURE.rglob("*") if f.is_file() and f.name[0] != "."):
        if "__pycache__" not in file.parts and file.suffix != ".md":
            assert (tmp_path / file.relative_to(FIXTURE)).read_bytes() == file.read_bytes(), file


def test_the_ledger_speaks_of_failures_that_are_loaded(desk: FailureDesk) -> None:
    """Every line of the fixture's ledger is found again, under its own id."""
    said = resolutions(FIXTURE / "remembered")
    assert said.height == 32
    assert set(said["failure_id"]) <= set(desk.failures["failure_id"])


def test_a_verdict_is_found_under_another_id(desk: FailureDesk, tmp_path: Path) -> None:
    """Logs that stand in another folder have other ids; what was judged is the text."""
    ids = desk.failures["failure_id"]
    renamed = desk.failures.with_columns(failure_id="renamed-" + ids)
    texts = desk.texts().with_columns(failure_id="renamed-" + ids)
    other = FailureDesk(failures=renamed.join(texts, on="failure_id"), folder=desk.folder)
    assert set(other.resolutions["failure_id"]) <= set(other.failures["failure_id"])
    assert other.memory().members.height == desk.memory().members.height == 32


def test_two_gates_over_what_came_after_the_move(desk: FailureDesk) -> None:
    """One fault is sure enough to be proposed; others are known; two are novel."""
    new, rejected = incoming(FIXTURE / "logs" / "airflow-3")
    assert rejected == ()
    made = match(new, desk.memory()).matches
    fault = {f: FAULTS[p] for f, p in new.select("failure_id", "origin_path").iter_rows()}
    by: dict[str, set[str]] = {}
    for row in made.iter_rows(named=True):
        by.setdefault(row["decision"] + str(row["gate1"]), set()).add(fault[row["failure_id"]])
    assert by["proposed as automaticTrue"] == {"warehouse-away"}
    assert by["a personFalse"] == {"clock-moved", "certificate-old"}
    assert len(by["a personTrue"]) == 11


def test_a_match_leaves_the_bench_as_it_was(desk: FailureDesk, bench: Bench) -> None:
    """Not even what would save time is kept."""
    before = bench.store.path.read_bytes()
    opened = open_desk(bench, model="words", keep=False)
    match(incoming(FIXTURE / "logs" / "airflow-3")[0], opened.memory())
    assert bench.store.path.read_bytes() == before
    assert opened.failures["digest_id"].to_list() == desk.failures["digest_id"].to_list()


def test_the_learning_curve_of_a_labelled_quarter(
    desk: FailureDesk, fault_of: dict[str, str]
) -> None:
    """Most of what recurs is proposed in the end, and none of it wrongly."""
    from workbench.analysis.failures.learning import learning_curve

    got = learning_curve(desk.failures, desk.resolutions, desk.everything, truth=fault_of)
    assert got.height == len(LABELS)
    assert got["wrong_share"].drop_nulls().max() == 0
    assert got["recent_automatic_share"][-1] > 0.4
    assert got["gate1"].sum() == len(LABELS) - len(set(FAULTS.values()))


def test_the_ledger_itself_gives_labels(desk: FailureDesk) -> None:
    """Too few to calibrate at 95 %, enough at 80 %."""
    labels = desk.labels()
    assert labels.filter(labels["similarity"] >= 0.82)["right"].all()
    assert not labels.filter(labels["similarity"] < 0.82)["right"].any()
    assert not desk.calibration(precision=0.95).gates().calibrated
    assert desk.calibration(precision=0.8).gates().calibrated


def test_retries_of_a_quarter(desk: FailureDesk, fault_of: dict[str, str]) -> None:
    """A code bug is never rescued, and every retry of it is counted as cascade."""
    faults = desk.failures.with_columns(fault=desk.failures["failure_id"].replace_strict(fault_of))
    run = simulate_retries(faults, RetryPolicy(), lasting=frozenset({"clock-moved"}))
    bug = run.faults.filter(run.faults["fault"] == "clock-moved").to_dicts()[0]
    assert (bug["rescued"], bug["retries_failed"]) == (0, 9)
    assert run.totals["failures"] == len(LABELS)


def test_a_novel_cluster_becomes_a_stub(desk: FailureDesk, fault_of: dict[str, str]) -> None:
    """What nobody resolved can be promoted, cluster by cluster."""
    clusters = desk.clusters().assignments.select("failure_id", "cluster_id")
    assigned = desk.failures.join(clusters, on="failure_id")
    names = assigned["failure_id"].replace_strict(fault_of)
    stub = promote(
        assigned.filter(names == "certificate-old"), author="kim", created=date(2026, 3, 1)
    )
    assert isinstance(stub, ResolutionStub)
    assert stub.failures == 3


def test_ids_stay_when_the_bench_is_made_again(desk: FailureDesk, tmp_path: Path) -> None:
    """Kept anchors give another bench, loaded in another order, the same ids."""
    made = desk.clusters()
    assert desk.keep(made) == made.clusters.height
    assert desk.keep(made) == 0
    again = open_bench(tmp_path / "again.duckdb", patterns=desk.folder)
    for name in ("airflow-3", "airflow-2"):
        again.load(read_failures(FIXTURE / "logs" / name))
    other = open_desk(again, model="words").clusters()
    ids = dict(made.assignments.select("failure_id", "cluster_id").iter_rows())
    assert dict(other.assignments.select("failure_id", "cluster_id").iter_rows()) == ids

"""Commands about failures: clusters, the memory, its gates, what recurs, what people say."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.test_answers import asked
from tests.sources.metadata_tables import sqlite_file
from workbench.bench import open_bench
from workbench.bench.failure_memory import incoming, open_desk
from workbench.cli import main
from workbench.knowledge.resolutions import append_verdict, failure_content
from workbench.shipped_files import shipped

FIXTURE = shipped("fixtures") / "failures"
BEFORE, AFTER = FIXTURE / "logs" / "airflow-2", FIXTURE / "logs" / "airflow-3"
LATER = datetime(2026, 3, 1, tzinfo=UTC)
FAULTS = {
    row["log"]: row["fault"]
    for row in map(json.loads, (FIXTURE / "labels.jsonl").read_text("utf-8").splitlines())
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bench with the failures before the move; nobody writes to it."""
    bench = tmp_path_factory.mktemp("failures") / "b.duckdb"
    with pytest.raises(SystemExit) as left:
        main(["load", "failures", str(BEFORE), "--bench", str(bench)])
    assert left.value.code == 0
    return bench


@pytest.fixture
def desk(loaded: Path, tmp_path: Path) -> tuple[str, ...]:
    """A copy of it, with a folder of patterns that holds nothing yet."""
    bench = tmp_path / "b.duckdb"
    shutil.copy(loaded, bench)
    (tmp_path / "patterns").mkdir()
    return ("--bench", str(bench), "--patterns", str(tmp_path / "patterns"))


def ledger(desk: tuple[str, ...]) -> list[dict[str, Any]]:
    file = Path(desk[-1]) / "ledger" / "resolutions.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def everything(folder: Path) -> dict[str, bytes]:
    return {str(f): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def failures_of(desk: tuple[str, ...], fault: str) -> list[str]:
    """Ids of the loaded failures of one fault."""
    rows = open_bench(desk[1]).failures().select("failure_id", "origin_path").iter_rows()
    return [failure for failure, path in rows if FAULTS[path] == fault]


def resolve_all(desk: tuple[str, ...], fault: str, *, held: bool = True) -> None:
    """What the command of that name writes, for every failure of a fault."""
    texts = dict(open_bench(desk[1]).failures().select("failure_id", "text").iter_rows())
    for failure in failures_of(desk, fault):
        append_verdict(
            Path(desk[3]), failure_id=failure, content=failure_content(texts[failure]),
            verdict="resolved", done=f"mended {fault}", held=held, who="kim", when=LATER,
        )  # fmt: skip


def test_every_failure_has_a_cluster_of_its_fault(run: Run, desk: tuple[str, ...]) -> None:
    """One cluster a fault, each with the reason why."""
    document = asked(run, "failures", "cluster", *desk)
    assert document["failures"] == len(document["assignments"]) == 50
    clusters = {row["failure_id"]: row["cluster_id"] for row in document["assignments"]}
    rows = open_bench(desk[1]).failures().select("failure_id", "origin_path").iter_rows()
    found = {(FAULTS[path], clusters[failure]) for failure, path in rows}
    assert len(found) == len(dict(found)) == len(document["clusters"]) == 13
    assert all(row["why"] for row in document["clusters"])
    assert "13 clusters" in run("failures", "cluster", *desk).out


def test_a_cluster_says_how_often_its_dags_fail(run: Run, tmp_path: Path) -> None:
    """Out of all tries where a database told of them; of logs alone that is unknown."""
    bench = ("--bench", str(tmp_path / "rates.duckdb"))
    assert run("load", "failures", sqlite_file(tmp_path), *bench).code == 0
    clusters = asked(run, "failures", "cluster", *bench)["clusters"]
    placed = [row for row in clusters if row["dags"]]
    tries = {count for row in placed for count in row["dag_tries"]}
    # of eight tries one was left out by a branch and one waits: neither could fail
    rates = [rate for row in placed for rate in row["dag_rates"]]
    assert tries == {6}
    assert sum(rates) == pytest.approx(5 / 6, abs=1e-3)
    assert all(" of 6 tries of d, " in row["why"] for row in placed)
    assert "of 6 tries of d, " in run("failures", "cluster", *bench).out


def test_of_logs_alone_no_tries_are_known(run: Run, desk: tuple[str, ...]) -> None:
    """Null in the answer, and the words say so."""
    for row in asked(run, "failures", "cluster", *desk)["clusters"]:
        assert set(row["dag_rates"]) <= {None}
        assert "out of how many tries is unknown" in row["why"]


def test_matching_writes_nothing_and_loads_nothing(run: Run, desk: tuple[str, ...]) -> None:
    """The bench, the patterns and the ledger are the same bytes after it."""
    before = everything(Path(desk[1]).parent)
    document = asked(run, "failures", "match", AFTER, "--model", "words", *desk)
    assert everything(Path(desk[1]).parent) == before
    assert len(document["matches"]) == 46
    assert document["calibrated"] is False
    assert document["note"]


def test_what_was_not_seen_before_the_move_is_novel(run: Run, desk: tuple[str, ...]) -> None:
    """Gate 1 opens for what is remembered under the other version, and for nothing else."""
    document = asked(run, "failures", "match", AFTER, "--model", "words", *desk)
    fault = {
        row["failure_id"]: FAULTS[row["origin_path"]]
        for row in incoming(AFTER)[0].iter_rows(named=True)
    }
    opened = {fault[row["failure_id"]] for row in document["matches"] if row["gate1"]}
    shut = {fault[row["failure_id"]] for row in document["matches"] if not row["gate1"]}
    assert shut == {"clock-moved", "certificate-old"}
    assert len(opened) == 12
    for row in document["matches"]:
        assert (row["gate2"] is None) == (not row["gate1"])
        assert row["decision"] == "a person"
        assert len(row["neighbours"]) >= 3
        shares = [near["similarity"] for near in row["neighbours"]]
        assert shares == sorted(shares, reverse=True)
        assert all(near["resolution"] is None for near in row["neighbours"])


def test_a_fix_that_held_is_proposed(run: Run, desk: tuple[str, ...]) -> None:
    """Once people said what was done, only their failures are remembered."""
    resolve_all(desk, "supplier-slow")
    document = asked(run, "failures", "match", AFTER, "--model", "words", *desk)
    assert document["remembered"] == 10
    passed = [row for row in document["matches"] if row["decision"] == "proposed as automatic"]
    assert len(passed) == 9
    first = passed[0]
    assert first["suggestion"]["done"] == "mended supplier-slow"
    assert (first["suggestion"]["held"], first["suggestion"]["known"]) == (10, 10)
    assert first["neighbours"][0]["resolution"]["held"] is True
    said = run("failures", "match", AFTER, "--model", "words", *desk)
    assert "proposed as automatic: the fix held 10 of 10 times" in said.out


def test_what_did_not_hold_is_not(run: Run, desk: tuple[str, ...]) -> None:
    """The same fix, without success: a person."""
    resolve_all(desk, "supplier-slow", held=False)
    document = asked(run, "failures", "match", AFTER, "--model", "words", *desk)
    assert {row["decision"] for row in document["matches"]} == {"a person"}
    seen = [row for row in document["matches"] if row["gate1"]]
    assert len(seen) == 9
    assert all(row["gate2"] is False and row["suggestion"] for row in seen)


def test_gates_are_options_on_their_scale(run: Run, desk: tuple[str, ...]) -> None:
    """A gate at 1 lets only the same pass; one at 82 is the caller's mistake."""
    words = ("failures", "match", AFTER, "--model", "words", *desk)
    strict = asked(run, *words, "--similarity", 1.0)
    usual = asked(run, *words)
    assert sum(r["gate1"] for r in strict["matches"]) < sum(r["gate1"] for r in usual["matches"])
    assert run(*words, "--similarity", 82).code == 2
    assert run(*words, "--confidence", -1).code == 2


def test_a_model_is_asked_only_when_one_is_named(run: Run, desk: tuple[str, ...]) -> None:
    """Without a table in workbench.toml --ask is the caller's mistake."""
    said = run("failures", "match", AFTER, "--model", "words", "--ask", *desk)
    assert said.code == 2
    assert "[endpoint]" in said.err


def test_an_endpoint_that_does_not_answer_leaves_a_person(
    run: Run, desk: tuple[str, ...], tmp_path: Path
) -> None:
    """Nobody listens there: every failure that passes gate 1 goes to a person."""
    resolve_all(desk, "supplier-slow")
    table = '[endpoint]\nurl = "http://127.0.0.1:9/v1"\nmodel = "m"\ntimeout_seconds = 5\n'
    (tmp_path / "workbench.toml").write_text(table, "utf-8")
    log = next(iter((AFTER / "dag_id=supplier_prices").rglob("*.log")))
    document = asked(run, "failures", "match", log, "--model", "words", "--ask", *desk)
    (row,) = document["matches"]
    assert (row["gate1"], row["gate2"], row["decision"]) == (True, False, "a person")
    assert row["why"].startswith("the model could not be asked")
    assert row["suggestion"]["done"] == "mended supplier-slow"


def test_too_few_labels_say_so(run: Run, desk: tuple[str, ...]) -> None:
    """Ten resolutions give nine labels of the replay; forty-five would be needed."""
    document = asked(run, "failures", "calibrate", "--model", "words", *desk)
    assert (document["calibrated"], document["default_similarity"]) == (False, 0.82)
    assert "too few" in document["classes"][0]["says"]
    said = run("failures", "calibrate", "--model", "words", *desk)
    assert "uncalibrated" in said.out


def test_enough_labels_move_the_gate(run: Run, desk: tuple[str, ...]) -> None:
    """With a precision that so few labels reach, the gate is calibrated, and a match says so."""
    resolve_all(desk, "supplier-slow")
    opened = open_bench(desk[1], patterns=desk[3])
    scorer = open_desk(opened, model="words").scorer
    for failure, text in opened.failures().select("failure_id", "text").head(20).iter_rows():
        append_verdict(
            Path(desk[3]), failure_id=failure, content=failure_content(text), verdict="approved",
            done="x", who="kim", when=LATER,
            suggested={"suggested": "x", "similarity": 0.95, "scorer": scorer},
        )  # fmt: skip
    words = ("failures", "calibrate", "--model", "words", "--precision", 0.8, *desk)
    document = asked(run, *words)
    assert document["calibrated"] is True
    assert document["classes"][0]["threshold"] == 0.95
    assert document["reliability"]
    assert document["costs"][-1]["threshold"] is None


def test_what_recurs_is_ranked(run: Run, desk: tuple[str, ...]) -> None:
    """Ten times before the move, diagnosed anew each time; how long people took is told."""
    resolve_all(desk, "supplier-slow")
    document = asked(run, "failures", "repeats", *desk)
    first = document["repeats"][0]
    assert (first["times"], first["anew"], first["dags"]) == (10, 10, 2)
    assert document["decided"] == 10
    assert document["median_seconds_to_decision"] > 0
    assert "10 times in 91 days in 2 DAGs" in run("failures", "repeats", *desk).out
    few = asked(run, "failures", "repeats", "--days", 7, "--until", "2025-12-10", *desk)
    assert all(row["times"] < 10 for row in few["repeats"])


def test_people_merge_split_and_take_it_back(run: Run, desk: tuple[str, ...]) -> None:
    """The next clustering respects it; undo brings the clusters back as they were."""
    one = failures_of(desk, "disk-full")[0]
    other = failures_of(desk, "column-gone")[0]

    def clusters() -> int:
        return len(asked(run, "failures", "cluster", *desk)["clusters"])

    assert clusters() == 13
    said = asked(run, "failures", "merge", one, other, "--who", "kim", "--why", "one cause", *desk)
    assert clusters() == 12
    asked(run, "failures", "undo", "--who", "kim", "--line", said["line"], *desk[2:])
    assert clusters() == 13
    twin = failures_of(desk, "disk-full")[1]
    asked(run, "failures", "split", one, twin, "--who", "kim", *desk)
    assert [row["say"] for row in ledger(desk)] == ["must-link", "undone", "cannot-link"]


def test_a_failure_is_named_by_the_beginning_of_its_id(run: Run, desk: tuple[str, ...]) -> None:
    """A beginning that fits one; anything else is refused and says how many fit."""
    failure = failures_of(desk, "disk-full")[0]
    words = ("--done", "freed it", "--who", "kim", "--when", "2026-01-02T03:04:05Z", *desk)
    said = run("failures", "resolve", failure[:10], *words)
    assert said.code == 0
    assert ledger(desk)[0]["failure"] == failure
    assert ledger(desk)[0]["when"] == "2026-01-02T03:04:05Z"
    assert run("failures", "resolve", "nobody", *words).code == 2
    assert "50" in run("failures", "resolve", "", *words).err


def test_without_a_bench_there_is_nothing_to_ask(run: Run, tmp_path: Path) -> None:
    """Exit code 2, and the message names the command that loads."""
    said = run("failures", "cluster", "--bench", tmp_path / "none.duckdb")
    assert said.code == 2
    assert "workbench load" in said.err


def test_only_keep_writes_what_ids_stand_for(run: Run, desk: tuple[str, ...]) -> None:
    """Without it the catalogue's folder stays as it is."""
    asked(run, "failures", "cluster", *desk)
    assert list(Path(desk[3]).iterdir()) == []
    said = run("failures", "cluster", "--keep", *desk)
    assert said.code == 0
    assert "13 anchors are new" in said.err
    assert len((Path(desk[3]) / "state" / "clusters.jsonl").read_text().splitlines()) == 13

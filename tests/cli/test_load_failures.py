"""Loading failures by command: every kind of input, a live server among them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_answers import asked
from tests.sources.airflow_server import AT, PLANTED, TOKEN, Server, instance, serving
from tests.sources.metadata_tables import sqlite_file
from workbench.bench import open_bench
from workbench.sources.airflow_api import client

LOG = [
    {"timestamp": AT, "event": f"open postgresql://etl:{PLANTED}@db/wh", "level": "info"},
    {
        "timestamp": AT,
        "event": "Task failed with exception",
        "level": "error",
        "error_detail": [{"exc_type": "KeyError", "exc_value": "'qty'"}],
    },
]
BENCH = ("--bench", "b.duckdb")


@pytest.fixture(autouse=True)
def login(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token in the environment, and no waiting between two tries."""
    for name in ("AIRFLOW_API_USER", "AIRFLOW_API_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AIRFLOW_API_TOKEN", TOKEN)
    monkeypatch.setattr(client.time, "sleep", lambda _: None)


def test_a_live_server_is_loaded(run: Run, tmp_path: Path) -> None:
    """Only read; its answers are kept beside the bench, and no secret and no token is anywhere."""
    with serving(Server(failed=[instance(1), instance(2)], log=LOG)) as server:
        said = asked(run, "load", "failures", server.address, *BENCH)
    assert (said["loaded"], said["rejected"]) == (2, 0)
    assert server.methods == {"GET"}
    bench = open_bench(tmp_path / "b.duckdb")
    assert bench.failures()["exception"].to_list() == ["KeyError", "KeyError"]
    assert "postgresql://etl:<secret:" in bench.failures()["text"][0]
    written = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert any("captures" in file.parts for file in written)
    for file in written:
        content = file.read_bytes()
        assert PLANTED.encode() not in content
        assert TOKEN.encode() not in content
    assert TOKEN not in json.dumps(said)


@pytest.mark.parametrize("named", ["captures", "captures/*", "captures/*/*"])
def test_what_was_captured_is_loaded_without_the_server(
    run: Run, tmp_path: Path, named: str
) -> None:
    """The folder, one server's, one sweep's: the same failures in another bench, the same ids."""
    with serving(Server(failed=[instance(1), instance(2)], log=LOG)) as server:
        asked(run, "load", "failures", server.address, *BENCH)
    (captured,) = tmp_path.glob(named)
    asked(run, "load", "failures", captured, "--bench", "other.duckdb")
    live, kept = (open_bench(tmp_path / name).failures() for name in ("b.duckdb", "other.duckdb"))
    assert live.height == 2
    assert kept["failure_id"].to_list() == live["failure_id"].to_list()
    assert kept["text"].to_list() == live["text"].to_list()


def test_a_log_tree_beside_answers_is_a_log_tree(run: Run, tmp_path: Path) -> None:
    """Answers in a folder of their own do not hide the logs; what is not read is counted."""
    file = tmp_path / "all" / "logs" / "dag_id=d" / "run_id=r" / "task_id=t" / "attempt=1.log"
    file.parent.mkdir(parents=True)
    file.write_text("\n".join(map(json.dumps, LOG)))
    (tmp_path / "all" / "answers").mkdir()
    (tmp_path / "all" / "answers" / "a.json").write_text('{"task_instances": []}')
    said = asked(run, "load", "failures", "all", *BENCH)
    assert said["loaded"] == 1
    assert "1 files are no attempt=N.log: not read" in said["notes"][0]


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("http://127.0.0.1:9", "127.0.0.1:9"),
        ("postgresql://u:h1dden-word@127.0.0.1:9/d", "127.0.0.1"),
    ],
)
def test_nobody_there_is_the_callers_mistake(run: Run, word: str, says: str) -> None:
    """Exit code 2, whom was asked, and never the password."""
    said = run("load", "failures", word, *BENCH)
    assert said.code == 2
    assert says in said.err
    assert "h1dden-word" not in said.err + said.out


def test_a_refused_login_names_the_variables(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where to put one; nothing is loaded."""
    monkeypatch.setenv("AIRFLOW_API_TOKEN", "some-other-token")
    with serving(Server(failed=[instance(1)], log=LOG)) as server:
        said = run("load", "failures", server.address, *BENCH)
    assert said.code == 2
    assert "AIRFLOW_API_TOKEN" in said.err
    assert "some-other-token" not in said.err
    assert open_bench(tmp_path / "b.duckdb").failures().is_empty()


def test_several_kinds_of_inputs_in_one_command(run: Run, tmp_path: Path) -> None:
    """Each is counted under its own name; the second time nothing is new."""
    file = sqlite_file(tmp_path)
    (tmp_path / "a.yaml").write_text("warehouse:\n- error: it is full\n  decision: RERUN\n")
    trace = 'Traceback (most recent call last):\n  File "a.py"\nKeyError: 1'
    (tmp_path / "f.jsonl").write_text(json.dumps({"id": "f", "text": trace}))
    words = ("load", "failures", file, "a.yaml", "f.jsonl", *BENCH)
    first = asked(run, *words)
    assert set(first["inputs"]) == {str(file), "a.yaml", "f.jsonl"}
    assert all(counts["loaded"] for counts in first["inputs"].values())
    again = asked(run, *words)
    assert again["loaded"] == 0
    assert again["unchanged"] >= first["loaded"]
    assert again["rejections"] == first["rejections"]

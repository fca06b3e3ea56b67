"""The listener writes whole lines without secrets, and never raises into Airflow."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.airflow_plugin.listened import PLUGIN, Hostile, Task, loaded
from workbench.domain.loading import Known
from workbench.sources.task_logs import read_failures

PLANTED = "Pl4nted" + "canary73"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the lines go."""
    path = tmp_path / "failures.jsonl"
    monkeypatch.setenv("WORKBENCH_FAILURES", str(path))
    return path


@pytest.fixture
def listener(file: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What Airflow calls."""
    del file
    return loaded(monkeypatch).FailureListener()


def lines(file: Path) -> list[dict[str, Any]]:
    """What was written."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def caught(cause: Exception | None = None, text: str = "no rows") -> Exception:
    """An exception that was raised, with its traceback."""
    try:
        raise ValueError(text) from cause
    except ValueError as error:
        return error


@pytest.mark.parametrize("version", ["2.10.5", "3.1.8"])
def test_a_line_is_a_failure_of_the_bench(
    file: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """What the listener writes is read with every name, chain and version."""
    plugin = loaded(monkeypatch, version=version)
    plugin.WorkbenchFailures.listeners[0].on_task_instance_failed(
        "running", Task(), caught(KeyError("qty"))
    )
    (batch, _) = read_failures(file).read(Known())
    (row,) = batch.frames["failures"].to_dicts()
    names = ("dag_id", "run_id", "task_id", "try_number", "operator", "queue", "pool", "max_tries")
    assert [row[name] for name in names] == ["d", "r", "t", 2, "Odd", "q", "p", 3]
    assert (row["exception"], row["message"]) == ("ValueError", "no rows")
    assert (row["airflow_version"], row["source"]) == (version, "listener")
    assert json.loads(row["extra"])["causes"][0]["exception"] == "KeyError"
    assert "Traceback (most recent call last)" in row["text"]
    assert row["try_key"] is not None


@pytest.mark.parametrize(
    "error",
    [
        caught(text="x" * 5_000_000),
        caught(text="\ud800 \x00 \udcff"),
        type("Odd", (Exception,), {"__str__": lambda _: 1 / 0})(),
        Hostile(),
        None,
        "killed",
        7,
        b"\xff",
        ExceptionGroup("many", [caught(), caught()]),
    ],
    ids=range(9),
)
@pytest.mark.parametrize("task", [Task(), Hostile(), None], ids=range(3))
def test_nothing_is_raised_whatever_failed(
    listener: Any, file: Path, task: object, error: object
) -> None:
    """Objects that cannot be shown, endless texts, half characters: one line all the same."""
    listener.on_task_instance_failed(None, task, error)
    (line,) = lines(file)
    assert line["hook"] == "task_failed"
    assert file.stat().st_size < 200_000


def test_a_place_that_cannot_be_written_is_no_fault_of_airflow(
    listener: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing is written, and nothing raised."""
    monkeypatch.setenv("WORKBENCH_FAILURES", str(tmp_path / "no" / "such" / "folder"))
    listener.on_task_instance_failed("running", Task(), caught())
    listener.on_dag_run_failed(Hostile(), Hostile())
    listener.on_new_dag_import_error(Hostile(), Hostile())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        f"cannot open postgresql://etl:{PLANTED}@db/wh",
        f"password={PLANTED}",
        f"{{'api_key': '{PLANTED}', 'x': 1}}",
        f"Authorization: Bearer {PLANTED}",
        f"AWS_SECRET_ACCESS_KEY={PLANTED}",
        f"-----BEGIN RSA PRIVATE KEY-----\n{PLANTED}\n-----END RSA PRIVATE KEY-----",
        f"{PLANTED}@example.org is not allowed",
        f"eyJhbGciOi{PLANTED}.eyJzdWIiOi{PLANTED}.sig{PLANTED}",
    ],
)
def test_secrets_stay_inside(listener: Any, file: Path, text: str) -> None:
    """Neither message, chain nor traceback holds the value; the words around it stay."""
    listener.on_task_instance_failed("running", Task(), caught(ConnectionError(text), text))
    listener.on_new_dag_import_error("/dags/a.py", f"ImportError: {text}")
    assert PLANTED not in file.read_text()
    assert "<secret:" in file.read_text()


def test_a_broken_file_is_told_once_for_each_reason(listener: Any, file: Path) -> None:
    """The hook is called at every parse: the same again says nothing new."""
    for _ in range(50):
        listener.on_existing_dag_import_error("/dags/a.py", "ImportError: a")
    listener.on_existing_dag_import_error("/dags/a.py", "ImportError: b")
    assert [line["traceback"] for line in lines(file)] == ["ImportError: a", "ImportError: b"]


def test_it_is_quick(listener: Any) -> None:
    """A failure costs the task's process some milliseconds."""
    error = caught(KeyError("a"))
    started = time.process_time()
    for _ in range(100):
        listener.on_task_instance_failed("running", Task(), error)
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize(
    "text", ["a" * 60_000, "a." * 30_000, "-" * 60_000, "a@" * 30_000, "http://" * 9_000]
)
def test_no_text_keeps_a_task_waiting(listener: Any, file: Path, text: str) -> None:
    """What makes a careless pattern slow takes no more than its length."""
    started = time.process_time()
    listener.on_task_instance_failed("running", Task(), text)
    assert time.process_time() - started < 3.0
    assert len(lines(file)) == 1


WRITER = """
import sys
from pathlib import Path
import pytest
from tests.airflow_plugin.listened import Task, loaded
with pytest.MonkeyPatch.context() as patch:
    listener = loaded(patch).FailureListener()
    for n in range(60):
        listener.on_task_instance_failed("running", Task(), ValueError(sys.argv[1] * 3_000))
"""


def test_lines_of_several_processes_stay_whole(file: Path) -> None:
    """Four processes write at once: every line is one of theirs, none is lost."""
    root = Path(__file__).parents[2]
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, letter], cwd=root) for letter in "abcd"
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0, 0]
    written = lines(file)
    assert len(written) == 240
    assert {len(set(line["chain"][0]["message"])) for line in written} == {1}


def test_it_asks_for_nothing_but_airflow() -> None:
    """One file: the standard library and Airflow, nothing of the workbench."""
    tree = ast.parse(PLUGIN.read_text())
    names = {
        (node.module if isinstance(node, ast.ImportFrom) else alias.name).partition(".")[0]  # type: ignore[union-attr]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert names - sys.stdlib_module_names == {"airflow"}

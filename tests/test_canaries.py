"""Canaries: what is planted in the inputs stands in nothing that the workbench makes of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.builders import Commit, make_repository
from workbench.cli import main
from workbench.shipped_files import shipped

CASE = shipped("fixtures") / "cases" / "2026-02-scheduler"
NUMBERS = iter(range(10, 100))
CANARIES: list[str] = []
# commit text is kept as git has it, and redacted when it is shown
COMMIT_TEXT = {
    ("commits", "subject"),
    ("commits", "message"),
    ("hunks", "removed"),
    ("hunks", "added"),
}


def canary(form: str = "Pl4nted#{}-canary") -> str:
    """Return a secret that was not there before."""
    CANARIES.append(form.format(next(NUMBERS)))
    return CANARIES[-1]


def log_2() -> str:
    """A log of Airflow 2: a printed connection, a source line, an error with a password."""
    at = "[2026-02-10T06:00:0{}.000+0000] {{x.py:1}} {} - "
    return "\n".join(
        [
            at.format(1, "INFO") + f"conn postgres://etl:{canary()}@db.example/wh",
            at.format(2, "INFO") + f"env {{'SNOWFLAKE_PASSWORD': '{canary()}', 'HOME': '/root'}}",
            at.format(3, "ERROR") + "Task failed with exception",
            "Traceback (most recent call last):",
            '  File "/opt/dags/load.py", line 7, in load',
            f'    connect(password="{canary()}")',
            f"RuntimeError: login failed for mail {canary('planted.canary{}@example.org')}"
            f" with token={canary()}",
            at.format(4, "INFO") + "Task exited with return code 1",
            "",
        ]
    )


def log_3() -> str:
    """A log of Airflow 3: a secret in an event, one in the exception's value, one in a cause."""
    begun = {"timestamp": "2026-02-10T06:00:01Z", "level": "info", "logger": "task"}
    header = json.dumps({"authorization": f"Bearer {canary('pl4nted.bearer.canary{}')}"})
    error = {
        "exc_type": "RuntimeError",
        "exc_value": f"bad url https://bot:{canary()}@api.example/x",
        "exc_notes": [f"api_key={canary('pl4ntedCanaryKey{}')}"],
        "syntax_error": None,
        "is_cause": False,
        "frames": [{"filename": "/opt/dags/load.py", "lineno": 7, "name": "load"}],
        "is_group": False,
        "exceptions": [],
    }
    lines = [
        begun | {"event": f"headers {header}"},
        begun | {"level": "error", "event": "Task failed with exception", "error_detail": [error]},
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)


def rest_answer() -> dict[str, object]:
    """A saved answer of the server: a task instance whose note holds a secret."""
    return {
        "import_errors": [
            {
                "import_error_id": 1,
                "timestamp": "2026-02-10T06:00:00Z",
                "filename": "orders.py",
                "bundle_name": "dags-folder",
                "stack_trace": f"Traceback (most recent call last):\nValueError: pwd={canary()}",
            }
        ],
        "total_entries": 1,
    }


def write_inputs(folder: Path) -> None:
    """Write logs of both versions, a REST answer, notes, statistics and a history."""
    for number, text in enumerate((log_2(), log_3()), 1):
        task = folder / f"logs/dag_id=orders/run_id=r{number}/task_id=load"
        task.mkdir(parents=True)
        (task / "attempt=1.log").write_text(text)
    (folder / "rest").mkdir()
    (folder / "rest" / "importErrors.json").write_text(json.dumps(rest_answer()))
    (folder / "notes.csv").write_text(
        "at_utc,source,kind,text\n"
        + f"2026-02-10T06:00:00Z,notes,note,rotated secret_key={canary()} today\n"
    )
    (folder / "stats.csv").write_text(
        "queryid,query,calls,total_exec_time\n"
        + f"7,\"ALTER USER etl PASSWORD '{canary()}'\",3,1.5\n"
    )
    before = {"airflow/jobs/runner.py": "def run(session):\n    lock(session)\n    work()\n"}
    after = {
        "airflow/jobs/runner.py": f'def run(session):\n    work(password="{canary()}")\n',
    }
    make_repository(
        folder / "repo",
        [
            Commit(files=before, message="Begin"),
            Commit(files=after, message=f"Drop the lock, token: {canary('pl4ntedCanary{}Tok')}"),
        ],
    )


def ran(*words: object) -> int:
    """Run a command in this process and return its exit code."""
    with pytest.raises(SystemExit) as left:
        main([str(word) for word in words])
    return int(left.value.code or 0)


def strings(bench: Path) -> Iterator[tuple[str, str, str]]:
    """Yield table, column and value of every text that the store keeps, but commit text."""
    with duckdb.connect(str(bench), read_only=True) as store:
        columns = store.execute(
            "select table_schema, table_name, column_name from information_schema.columns"
        ).fetchall()
        for schema, table, column in columns:
            if (table, column) in COMMIT_TEXT:
                continue
            said = store.execute(
                f'select distinct cast("{column}" as varchar) from "{schema}"."{table}"'
            ).fetchall()
            yield from ((table, column, value) for (value,) in said if value)


def test_no_canary_is_in_anything_that_comes_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Files, tables, notebooks' outputs, answers, the ledger: load, ask, export, grep them all."""
    given, made = tmp_path / "given", tmp_path / "made"
    given.mkdir()
    made.mkdir()
    write_inputs(given)
    # a few detectors show a hit's text as well as all of them
    few = shutil.ignore_patterns("[C-N]-*", "R-*")
    shutil.copytree(shipped("patterns"), made / "patterns", ignore=few)
    monkeypatch.chdir(made)
    capfd.readouterr()
    loads = (
        ("load", "case", CASE),
        ("load", "git", given / "repo"),
        ("load", "failures", given / "logs", given / "rest"),
        ("load", "timeline", given / "notes.csv"),
        ("load", "stats", given / "stats.csv"),
    )
    asked = (
        ("scan", "--json"),
        ("export", "--to", "exported"),
        ("postmortem", CASE, "--to", "written"),
        ("report", "daily", "2026-01-05", "--json"),
        ("failures", "cluster", "--json"),
        ("failures", "match", given / "logs", "--json"),
        ("failures", "repeats", "--json"),
        ("redact", given / "stats.csv"),
    )
    codes = {words: ran(*words) for words in (*loads, *asked)}
    said = "".join(capfd.readouterr())
    planted = [*CANARIES, *(CASE / "planted-secrets.txt").read_text("utf-8").split()]
    assert len(CANARIES) >= 12
    assert {words: code for words, code in codes.items() if code} == {}, said[-3000:]
    kept = list(strings(made / "workbench.duckdb"))
    assert any("<secret:" in value for _, _, value in kept)
    assert [(c, t, n) for t, n, value in kept for c in planted if c in value] == []
    files = [path for path in made.rglob("*") if path.is_file() and path.suffix != ".duckdb"]
    assert {".html", ".ipynb", ".json", ".md"} <= {path.suffix for path in files}
    texts = {str(path): path.read_bytes().decode("utf-8", "replace") for path in files}
    texts["what the commands said"] = said
    assert [(c, name) for name, text in texts.items() for c in planted if c in text] == []

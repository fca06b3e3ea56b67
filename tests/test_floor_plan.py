"""The house stays as drawn: short modules, a short door, a quick import, no foreign words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import workbench

PACKAGE = Path(workbench.__file__).parent
MOST_LINES = 300
DOOR = {
    "Bench",
    "History",
    "Lab",
    "LoopModel",
    "WorkbenchError",
    "backtest",
    "check_config",
    "check_dags",
    "cluster",
    "detect",
    "durations",
    "export",
    "learning_curve",
    "open_bench",
    "promote",
    "read_answers",
    "read_case",
    "read_downstream",
    "read_failures",
    "read_git",
    "read_loops",
    "read_memory",
    "read_metadata",
    "read_query_stats",
    "read_releases",
    "read_server",
    "read_timeline",
    "redact",
    "scan",
    "shipped",
    "simulate_retries",
    "triage",
    "write_postmortem",
}


def test_no_module_is_longer_than_300_lines() -> None:
    """A longer module holds two things."""
    lengths = {
        str(path.relative_to(PACKAGE)): len(path.read_text("utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
    }
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}


def test_every_module_says_what_it_holds() -> None:
    """Each file opens with a docstring; empty files do not exist."""
    silent = [
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if not path.read_text("utf-8").lstrip().startswith('"""')
    ]
    assert silent == []


def test_the_door_offers_exactly_the_listed_names() -> None:
    """Each public name resolves, lives in one place, and the list is the whole list."""
    assert set(workbench.__all__) == DOOR
    homes = {name: getattr(workbench, name).__module__ for name in DOOR}
    assert {n: h for n, h in homes.items() if not h.startswith("workbench.")} == {}


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    """The lazy door does not swallow typing mistakes."""
    assert not hasattr(workbench, "reed_git")


def test_import_is_quick_and_light() -> None:
    """`import workbench` loads none of the heavy packages."""
    code = "import workbench, sys; print(*[m for m in ('polars', 'duckdb', 'torch', 'altair', "
    code += "'IPython', 'ipywidgets', 'jsonschema') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_import_contracts_hold() -> None:
    """The order of the floors is a contract that fails the build."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        capture_output=True,
        text=True,
        check=False,
        cwd=PACKAGE.parent,
    )
    assert done.returncode == 0, done.stdout

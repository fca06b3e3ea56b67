"""The incident in released code: the change to 3.1.7 has it, the change to 3.1.8 has not."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import Run

GUARD = "ready_to_reschedule.py"
CONTEXT = "models/taskinstance.py"
PAIR = "release:3.1.6..3.1.7"


@pytest.mark.registry
def test_the_release_with_the_incident_is_hit_at_the_right_lines(run: Run, tmp_path: Path) -> None:
    """Removed guard (P) and mutated shared context (A) in 3.1.7, neither of them in 3.1.8."""
    name, versions = "apache-airflow-core", ("3.1.6", "3.1.7", "3.1.8")
    loaded = run("load", "releases", name, *versions, "--json")
    assert loaded.code == 0, loaded.err
    assert loaded.document["loaded"] == 2
    hits = run("hits", "--pattern", "A", "--pattern", "P", "--json").document["hits"]
    found = {(h["sha"], h["pattern"][0], h["path"].removeprefix("airflow/")) for h in hits}
    assert (PAIR, "P", f"ti_deps/deps/{GUARD}") in found
    assert (PAIR, "A", CONTEXT) in found
    assert {sha for sha, _, _ in found} == {PAIR}

    guard = next(h for h in hits if h["path"].endswith(GUARD))
    assert guard["side"] == "before"
    assert "if" in _line(tmp_path, "3.1.6", guard)
    context = next(h for h in hits if h["path"].endswith(CONTEXT))
    assert context["side"] == "after"
    assert ".add(" in _line(tmp_path, "3.1.7", context)

    again = run("load", "releases", name, *versions, "--json")
    assert (again.document["loaded"], again.document["unchanged"]) == (0, 2)


def _line(folder: Path, version: str, hit: dict[str, object]) -> str:
    """The line of released code that a hit names."""
    wheel = next(folder.rglob(f"*core-{version}-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(str(hit["path"])).decode()
    return text.splitlines()[int(str(hit["line"])) - 1]


@pytest.mark.registry
def test_a_release_that_does_not_exist_is_named_with_those_that_do(run: Run) -> None:
    """The caller learns which versions there are; nothing is loaded."""
    said = run("load", "releases", "apache-airflow-core", "3.1.7", "99.0.0")
    assert said.code == 2
    assert "99.0.0" in said.err
    assert "3.1.7" in said.err

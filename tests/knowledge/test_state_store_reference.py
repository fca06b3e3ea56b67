"""The reference of the state store is whole, its faults are told, and the released code agrees."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.knowledge.released_source import untrue, wheel_reader
from workbench.domain.state_store import Reference, Release, Setting
from workbench.errors import PatternError
from workbench.knowledge.catalogue import open_catalogue
from workbench.knowledge.state_store_reference import (
    REFERENCE_FILE,
    read_reference,
    reference_problems,
)

SHIPPED = Path(__file__).parents[2] / "patterns"
TEXT = (SHIPPED / REFERENCE_FILE).read_text(encoding="utf-8")


@pytest.fixture
def reference() -> Reference:
    return read_reference(SHIPPED)


def written(folder: Path, text: str) -> Path:
    """A folder of patterns that holds nothing but this reference."""
    (folder / "dag-rules").mkdir()
    (folder / REFERENCE_FILE).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("key", "section", "default", "variable"),
    [
        (
            "backend",
            "state_store",
            "airflow.state.metastore.MetastoreBackend",
            "AIRFLOW__STATE_STORE__BACKEND",
        ),
        (
            "default_retention_days",
            "state_store",
            "30",
            "AIRFLOW__STATE_STORE__DEFAULT_RETENTION_DAYS",
        ),
        (
            "state_cleanup_batch_size",
            "state_store",
            "0",
            "AIRFLOW__STATE_STORE__STATE_CLEANUP_BATCH_SIZE",
        ),
        ("clear_on_success", "state_store", "False", "AIRFLOW__STATE_STORE__CLEAR_ON_SUCCESS"),
        (
            "max_value_storage_bytes",
            "state_store",
            "65535",
            "AIRFLOW__STATE_STORE__MAX_VALUE_STORAGE_BYTES",
        ),
        ("state_store_backend", "workers", "", "AIRFLOW__WORKERS__STATE_STORE_BACKEND"),
    ],
)
def test_every_key_is_told_with_its_default(
    reference: Reference, key: str, section: str, default: str, variable: str
) -> None:
    """Section, default and environment variable of each key of the state store."""
    setting = reference.setting(key, section=section)
    assert (setting.default, setting.variable) == (default, variable)


def test_the_mixin_is_told_whole(reference: Reference) -> None:
    """The six methods to write, the one to call, and the constructor."""
    mixin = {c.call for c in reference.calls if c.store == "mixin"}
    assert mixin == {
        "ResumableJobMixin",
        "execute_resumable",
        "submit_job",
        "get_job_status",
        "is_job_active",
        "is_job_succeeded",
        "poll_until_complete",
        "get_job_result",
    }


def test_a_setting_that_does_not_exist_is_a_key_error(reference: Reference) -> None:
    """Nobody gets a default for a key that Airflow does not have."""
    with pytest.raises(KeyError, match="ttl"):
        reference.setting("ttl")


def test_there_is_one_word_for_a_dag(reference: Reference) -> None:
    """The word is spelt DAG wherever people read it."""
    told = [*(c.means + c.fails + c.differs for c in reference.calls)]
    told += [s.says + s.differs for s in reference.statements]
    told += [s.means + s.differs for s in reference.settings]
    assert [text for text in told if re.search(r"\bDags?\b|\bdags?\b", text)] == []


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('id = "task-set"', 'id = "task-get"', None, "already call number 1"),
        ('key = "clear_on_success"', 'key = "backend"', None, "already setting number 1"),
        ('since = "3.3.2"', 'since = "3.9.0"', None, "was not read"),
        ('since = "3.3.0"', 'since = "3.2.0"', 7, "was not read"),
        ('store = "task"', 'store = "tasks"', None, "Did you mean 'task'?"),
        ('signature = "(key)"', 'signature = "key"', None, "wrong form"),
        ("least = 0", 'least = "none"', None, "is not a whole number"),
        ("on = 2026-11-20", 'on = "yesterday"', 8, "wrong form"),
        ("[checked]", "[checked", 6, "Is no TOML"),
    ],
)
def test_a_faulty_reference_is_refused_with_its_lines(
    tmp_path: Path, old: str, new: str, line: int | None, said: str
) -> None:
    """Each fault is told with its line, and nothing is read from a faulty file."""
    assert old in TEXT
    folder = written(tmp_path, TEXT.replace(old, new, 1))
    (problem,) = reference_problems(folder)
    assert said in str(problem)
    assert problem.line == line or (line is None and problem.line)
    with pytest.raises(PatternError, match=r"reference\.toml: line \d+"):
        read_reference(folder)


def test_a_folder_without_a_reference(tmp_path: Path) -> None:
    """It has no problems; who needs the reference is told what is missing."""
    assert reference_problems(tmp_path) == ()
    with pytest.raises(PatternError, match="no reference"):
        read_reference(tmp_path)


def test_the_catalogue_tells_of_it(tmp_path: Path) -> None:
    """Faults of the reference and of the DAG rules are among the catalogue's problems."""
    folder = written(tmp_path, TEXT.replace("least = 0", 'least = "none"', 1))
    (folder / "dag-rules" / "S1-broken").mkdir()
    (folder / "dag-rules" / "S1-broken" / "rule.toml").write_text("id = 1\n")
    files = {Path(p.where.path).name for p in open_catalogue(folder).problems()}
    assert files == {"reference.toml", "rule.toml"}
    assert open_catalogue(SHIPPED).problems() == ()


def test_bytes_that_are_no_text_are_a_problem(tmp_path: Path) -> None:
    """The place is the line of the first bad byte."""
    folder = written(tmp_path, "")
    (folder / REFERENCE_FILE).write_bytes(b"[checked]\n\xff\xfe")
    (problem,) = reference_problems(folder)
    assert (problem.line, "UTF-8" in problem.what) == (2, True)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("wheels")


@pytest.mark.registry
@pytest.mark.parametrize("release", read_reference(SHIPPED).releases, ids=lambda r: r.core)
def test_released_code_says_the_same(reference: Reference, release: Release, wheels: Path) -> None:
    """Signatures, symbols, defaults and types agree with every release from its day on."""
    read = wheel_reader(release, wheels)
    metadata = read("core", f"apache_airflow_core-{release.core}.dist-info/METADATA")
    assert f"apache-airflow-task-sdk=={release.sdk}" in metadata
    assert untrue(reference, release, read) == []


@pytest.mark.registry
def test_an_untrue_entry_is_found_out(reference: Reference, wheels: Path) -> None:
    """A wrong default, signature, symbol, word and day are each seen against the released code."""
    read = wheel_reader(reference.release, wheels)
    first, *calls = reference.calls

    def setting(name: str, **changed: Any) -> tuple[Setting, ...]:
        return tuple(replace(s, **changed) if s.key == name else s for s in reference.settings)

    proof = first.evidence
    wrong = {
        "default": replace(reference, settings=setting("default_retention_days", default="7")),
        "type": replace(reference, settings=setting("clear_on_success", type="integer")),
        "option": replace(reference, settings=setting("backend", key="engine")),
        "signature": replace(reference, calls=(replace(first, signature="(key)"), *calls)),
        "symbol": replace(
            reference, calls=(replace(first, evidence=replace(proof, symbol="No.get")), *calls)
        ),
        "word": replace(
            reference, calls=(replace(first, evidence=replace(proof, lacks=("default",))), *calls)
        ),
    }
    found = {name: untrue(changed, reference.release, read) for name, changed in wrong.items()}
    assert {name: len(faults) for name, faults in found.items()} == dict.fromkeys(wrong, 1) | {
        "option": 2
    }
    early = replace(first, evidence=replace(proof, since="3.3.2"))
    oldest = reference.releases[0]
    assert untrue(replace(reference, calls=(early, *calls)), oldest, wheel_reader(oldest, wheels))
